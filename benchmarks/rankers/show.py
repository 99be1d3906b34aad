"""The tables of a comparison."""

from collections.abc import Iterator

from benchmarks.quality.show.tables import percent
from benchmarks.rankers.figures import PRECISE, Rankers
from rich.console import RenderableType
from rich.table import Table

HEADINGS = ("recall", "precision", "false fill", "overall", f"recall at {PRECISE:.0%}", "ECE")


def tables(rankers: Rankers) -> Iterator[RenderableType]:
    """Everything that is printed, piece by piece."""
    yield (
        f"fitted on {rankers.taught_fields} fields in {rankers.taught_forms} forms, calibrated on {rankers.calibration_fields} in"
        f" {rankers.calibration_forms}; lexicon, encoder and index of {rankers.model_version};"
        f" a wrong fill costs {rankers.wrong_cost:g} fields left empty"
    )
    for part in rankers.approaches[0].parts:
        yield part_table(part, rankers)
    table = Table("", title="what it costs", title_justify="left", title_style="bold")
    for heading in ("seconds to fit", "MB", "ms for 20 fields"):
        table.add_column(heading, justify="right")
    for one in rankers.approaches:
        table.add_row(one.approach, f"{one.fit_seconds:.0f}", f"{one.megabytes:.1f}", f"{one.form_ms:.2f}")
    yield table


def part_table(part: str, rankers: Rankers) -> Table:
    """Every approach on one set of forms."""
    fields = rankers.approaches[0].parts[part].fields
    table = Table("", title=f"{part}: {fields} fields", title_justify="left", title_style="bold")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for one in rankers.approaches:
        found = one.parts[part]
        shares = (found.recall, found.precision, found.false_fill, found.overall, found.recall_when_precise)
        error = "–" if found.calibration_error is None else f"{found.calibration_error:.3f}"
        table.add_row(one.approach, *map(percent, shares), error)
    return table
