"""`make bench-nearness`: what the encoder is worth, by language; the tables of docs/decisions/0020.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is wrong.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from benchmarks.nearness.figures import Difference, Figures, LanguageFigures, by_language
from benchmarks.nearness.timing import milliseconds
from benchmarks.nearness.variants import variants
from benchmarks.shared.forms import DATA
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, table, write_json
from benchmarks.shared.site_counts import counts_of, measured_file, measured_held_out
from benchmarks.shared.store import LOCAL, local_store, open_published
from pydantic import BaseModel
from rich.table import Table

from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.progress.display import StepDisplay
from fieldwise_training.ranker.plan import Plan

TIMED_FORMS = 200
MIN_FIELDS = 50
"""Languages with fewer measured fields have no row of their own."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure what the encoder is worth.")


class GainFigures(BaseModel):
    """All figures. `milliseconds`: processor time of a form whose texts are not cached, by variant."""

    version: str
    runs: int
    milliseconds: dict[str, float]
    forms: dict[str, tuple[LanguageFigures, ...]]


@app.command()
def nearness(
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's store.")] = "",
    against: Annotated[list[str] | None, typer.Option(help="A store whose version has another encoder, as a fine-tuned one.")] = None,
    fields: Annotated[list[Path] | None, typer.Option(help="A truth file to measure besides the held-out forms.")] = None,
    runs: Annotated[int, typer.Option(min=1, help="Trainings of each variant, with other seeds.")] = 2,
    epochs: Annotated[int, typer.Option(min=1, help="Of each ranker.")] = Plan().epochs,
    data: Annotated[Path, typer.Option(help="A folder with canonical/ and corpus/.", show_default=False)] = DATA,
    out: Annotated[Path, typer.Option(help="The file for the figures.", show_default=False)] = LOCAL / "nearness" / "nearness.json",
) -> None:
    """Trains rankers that read nearness, none, and n-grams alone, on the same forms, and compares their answers."""
    console = stdout()
    display = StepDisplay(stderr)
    with errors_in_one_line():
        known = ids_of(load_canonical(data / "canonical"))
        forms = load_forms(data / "corpus", known)
        measured = [measured_held_out(forms, known), *map(measured_file, fields or ())]
        version = open_published(store or local_store()).version
        others = [open_published(other).version for other in against or ()]
        try:
            made = variants(version, others, forms, known, runs, Plan(epochs=epochs), display.begin, display.report)
            found = {}
            for one in measured:
                display.begin(f"measuring {one.name}")
                counts = np.array([[counts_of(run, one, display.report) for run in variant.runs] for variant in made])
                found[one.name] = by_language([variant.name for variant in made], counts, one, MIN_FIELDS)
            display.begin("timing")
            requests = [form.request for form in measured[0].forms]
            every = max(1, len(requests) // TIMED_FORMS)
            times = milliseconds([variant.unprepared for variant in made], requests[::every])
        finally:
            display.end()
        timed = dict(zip((variant.name for variant in made), times, strict=True))
        for name, languages in found.items():
            console.print(_summary(name, languages[0], timed))
            console.print(_languages(name, languages))
        write_json(GainFigures(version=version.version, runs=runs, milliseconds=timed, forms=found), out)
    console.print(f"written: {out}", soft_wrap=True, markup=False)


def _summary(name: str, everything: LanguageFigures, timed: dict[str, float]) -> Table:
    columns = ("recall", "precision", "false fill", "overall", "difference in overall (95 %)", "of each training", "ms a form (ratio)")
    shown = table(f"{name}: {everything.fields:,} fields (%)", "", *columns)
    first = everything.variants[0].variant
    for one in everything.variants:
        shares = (one.recall, one.precision, one.false_fill, one.overall)
        runs = " ".join(f"{run:.1f}" for run in one.overall_of_runs)
        time = f"{timed[one.variant]:.1f} ({timed[one.variant] / timed[first]:.2f})"
        shown.add_row(one.variant, *map(_percent, shares), _difference(one), runs, time)
    return shown


def _languages(name: str, languages: Iterable[LanguageFigures]) -> Table:
    every = list(languages)
    first, *others = (one.variant for one in every[0].variants)
    shown = table(f"{name}, by language: overall (%), and its difference to the first (95 %)", "", "fields", first, *others)
    for language in every:
        own: Sequence[Figures] = language.variants
        shown.add_row(language.language, f"{language.fields:,}", _percent(own[0].overall), *map(_difference, own[1:]))
    return shown


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1f}"


def _difference(one: Figures) -> str:
    own: Difference | None = (one.differences or {}).get("overall")
    return "" if own is None else f"{own.value:+.2f} ({own.low:+.2f} to {own.high:+.2f})"


if __name__ == "__main__":
    app(prog_name="nearness")
