"""`make bench-budget`: whether the realised rate of wrong fills keeps the budget, on random divisions of the authored sites.

Exit codes: 0 measured; 1 there is no version, or a promise was broken in more than one division in twenty.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from benchmarks.budget.resamples import Realised, resampled
from benchmarks.shared.forms import DATA
from benchmarks.shared.output import errors_in_one_line, stdout, table, write_json
from benchmarks.shared.store import LOCAL, local_store, open_published
from pydantic import BaseModel
from rich.progress import track

from fieldwise_common.errors import DataError
from fieldwise_training.calibration.budget import PROMISE
from fieldwise_training.calibration.cross_fit import cross_fitted
from fieldwise_training.calibration.evidence import Evidence, gathered
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.evaluation.predictions import TruthForm

BUDGETS = (0.005, 0.01, 0.02, 0.03)
WRONG_COST = 2.0

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure whether budgets for wrong fills are kept.")


@app.command()
def budget(
    store: Annotated[str | None, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's.")] = None,
    resamples: Annotated[int, typer.Option(min=1, help="Random divisions of the sites.")] = 200,
    epochs: Annotated[int, typer.Option(min=1, help="Of the rankers that are trained without a fold of sites.")] = 20,
    out: Annotated[Path, typer.Option(help="Where the figures go, as JSON.")] = LOCAL / "budget" / "budget.json",
) -> None:
    """Calibrates on three quarters of the sites and counts on the last."""
    console = stdout()
    with errors_in_one_line():
        evidence = _evidence(store or local_store(), epochs)
        console.print(
            f"{len(evidence):,} fields of {len(set(evidence.site)):,} authored sites, none predicted by a ranker trained on its site"
        )
        divisions = list(track(resampled(evidence, BUDGETS, WRONG_COST, resamples), total=resamples, console=console, transient=True))
    shown = table(
        f"{resamples} divisions of the sites",
        *("", "promised", "promise broken", "realised rate within the budget", "mean rate", "mean bound", "mean coverage"),
    )
    rows = [_figures([division[row] for division in divisions]) for row in range(len(BUDGETS) + 1)]
    for one in rows:
        name = "no budget (reference)" if one.budget is None else f"budget {one.budget:.1%}"
        shares = ["", "", ""] if one.budget is None else [f"{share:.1%}" for share in (one.promised, one.broken, one.within)]
        shown.add_row(name, *shares, f"{one.rate:.2%}", f"{one.bound:.2%}", f"{one.coverage:.1%}")
    console.print(shown)
    with errors_in_one_line():
        write_json(Report(resamples=resamples, budgets=tuple(rows)), out)
        broken = [f"{one.budget:.1%}" for one in rows if one.budget is not None and one.broken > 1 - PROMISE]
        if broken:
            raise DataError(f"promises of these budgets were broken in more than {1 - PROMISE:.0%} of the divisions: {', '.join(broken)}")


def _evidence(store: str, epochs: int) -> Evidence:
    """Of the forms for training, by rankers that were trained without their sites; of the held-out ones, by the version's own."""
    version = open_published(store).version
    if version.ranker is None:
        raise DataError(f"{version.version} has no ranker: a budget needs probabilities")
    known = ids_of(load_canonical(DATA / "canonical"))
    forms = load_forms(DATA / "corpus", known)
    held_out = [(form.site, TruthForm.of(form)) for form in forms if form.is_held_out]
    training = [form for form in forms if not form.is_held_out]
    return cross_fitted(training, sorted(known), version, epochs) + gathered(version, version.ranker, held_out)


class Figures(BaseModel):
    """Of one budget, or of none; shares in 0..1. `bound`, `rate` and `coverage` are means over the divisions."""

    budget: float | None
    promised: float
    broken: float
    """Divisions where the budget was promised and not kept."""
    within: float
    """Divisions where the realised rate keeps the budget, promised or not."""
    rate: float
    bound: float
    coverage: float


class Report(BaseModel):
    """What is written as JSON."""

    resamples: int
    budgets: tuple[Figures, ...]


def _figures(realised: list[Realised]) -> Figures:
    limit = realised[0].budget
    within = np.array([limit is None or one.rate <= limit for one in realised])
    promised = np.array([one.is_promised for one in realised])
    return Figures(
        budget=limit,
        promised=float(promised.mean()),
        broken=float((promised & ~within).mean()),
        within=float(within.mean()),
        rate=float(np.mean([one.rate for one in realised])),
        bound=float(np.mean([one.bound for one in realised])),
        coverage=float(np.mean([one.coverage for one in realised])),
    )
