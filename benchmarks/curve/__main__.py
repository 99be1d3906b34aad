"""`make bench-curve`: quality over authored fields, by language, and what the next thousand of a language would bring.

Exit codes: 0 measured, whatever the figures; 1 a file, a store or a setting is wrong.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.curve.picture import draw
from benchmarks.curve.points import trained_points
from benchmarks.curve.slope import MORE_FIELDS, Estimate, LanguageCurve, curves
from benchmarks.shared.forms import DATA
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, table, write_json
from benchmarks.shared.site_counts import MeasuredForms, measured_file, measured_held_out
from benchmarks.shared.store import LOCAL, local_store, open_published
from benchmarks.shared.training import gather
from pydantic import BaseModel
from rich.table import Table

from fieldwise_common.errors import DataError
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.progress.display import StepDisplay
from fieldwise_training.ranker.plan import Plan

DOUBLINGS = 3
"""The smallest share is 1/8."""
MIN_FIELDS = 50
"""Languages with fewer measured fields have no row of their own."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Measure what more authored forms bring.")


class CurveFigures(BaseModel):
    """All curves: by set of measured forms, the languages in the order of what more fields would bring."""

    version: str
    shares: tuple[float, ...]
    more_fields: int
    curves: dict[str, tuple[LanguageCurve, ...]]


@app.command()
def curve(
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's store.")] = "",
    fields: Annotated[list[Path] | None, typer.Option(help="A truth file to measure besides the held-out forms.")] = None,
    doublings: Annotated[int, typer.Option(min=1, max=6, help="The smallest share of the sites is 1 / 2^this.")] = DOUBLINGS,
    epochs: Annotated[int, typer.Option(min=1, help="Of the ranker that is trained on all sites.")] = Plan().epochs,
    data: Annotated[Path, typer.Option(help="A folder with canonical/ and corpus/.", show_default=False)] = DATA,
    out: Annotated[Path, typer.Option(help="The folder for figures and pictures.", show_default=False)] = LOCAL / "curve",
) -> None:
    """Trains the ranker on nested shares of the training sites, with the encoder, index and lexicon of the published version."""
    console = stdout()
    display = StepDisplay(stderr)
    with errors_in_one_line():
        known = ids_of(load_canonical(data / "canonical"))
        forms = load_forms(data / "corpus", known)
        measured = [measured_held_out(forms, known), *map(measured_file, fields or ())]
        version = open_published(store or local_store()).version
        shares = tuple(2.0**-n for n in range(doublings, -1, -1))
        try:
            display.begin("reading the forms")
            gathered = gather(version, forms, known, display.report)
            points = trained_points(gathered, measured, shares, Plan(epochs=epochs), display.begin, display.report)
        finally:
            display.end()
        found = {one.name: curves(points, number, one, MIN_FIELDS) for number, one in enumerate(measured)}
        for one in measured:
            console.print(_table(one, shares, found[one.name]))
        written = _written(CurveFigures(version=version.version, shares=shares, more_fields=MORE_FIELDS, curves=found), out)
    console.print("written: " + ", ".join(map(str, written)), soft_wrap=True, markup=False)


def _written(figures: CurveFigures, folder: Path) -> list[Path]:
    """Writes the figures, and a picture for each set of forms. Raises DataError if the folder can't be written to."""
    write_json(figures, folder / "curve.json")
    pictures = [folder / ("curve.png" if number == 0 else f"curve-{number}.png") for number in range(len(figures.curves))]
    try:
        for (name, found), path in zip(figures.curves.items(), pictures, strict=True):
            draw(found, f"{name}: overall and recall (%) over authored fields of the language in the training", path)
    except OSError as error:
        raise DataError(f"can't write to {folder}: {error.strerror}") from error
    return [folder / "curve.json", *pictures]


def _table(measured: MeasuredForms, shares: Sequence[float], found: Sequence[LanguageCurve]) -> Table:
    columns = [f"{share:.3g} of the sites" for share in shares]
    title = f"{measured.name}: fields trained on → overall / recall (%)"
    shown = table(title, "", "measured", *columns, "last doubling", f"next {MORE_FIELDS:,} (95 %)", "exponent")
    for one in found:
        cells = [
            f"{fields:,} → {overall:.1f} / {_percent(recall)}"
            for fields, overall, recall in zip(one.trained_on, one.overall, one.recall, strict=True)
        ]
        more = _estimate(one.more_fields) + ("*" if one.is_far else "")
        exponent = f"{one.exponent:.2f}" if one.exponent is not None else "–"
        shown.add_row(one.language, f"{one.measured_fields:,}", *cells, _estimate(one.last_doubling), more, exponent)
    shown.caption = (
        f"Sorted by what {MORE_FIELDS:,} more fields of the language would bring. * more than one doubling away: an extrapolation"
    )
    return shown


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1f}"


def _estimate(one: Estimate | None) -> str:
    return "–" if one is None else f"{one.value:+.1f} ({one.low:+.1f} to {one.high:+.1f})"


if __name__ == "__main__":
    app(prog_name="curve")
