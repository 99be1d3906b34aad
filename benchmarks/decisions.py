"""`make decisions`: every decision and fill of a version on forms with known truth, recorded, or compared with a record.

A change of the code that should change no answer is checked by recording before it and comparing after it, with the same
version of the model. Texts of the forms stay out of the record; the values in it are those of `examples/profile.json`.

Exit codes: 0 recorded, or nothing differs; 1 something differs, or a file or a store is at fault.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from benchmarks.shared.forms import read_truth
from benchmarks.shared.output import errors_in_one_line, stdout
from benchmarks.shared.profile import example_profile
from benchmarks.shared.store import local_store, open_published
from benchmarks.shared.truth import TruthField
from rich.table import Table

from fieldwise_common.errors import DataError
from fieldwise_common.wire import Match, MlClassifyRequest, MlFillRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.fill.dispatch import fill

RECORDED = {"decision", "predicted", "method", "score", "threshold_used", "confidence_signals"}
SHOWN = 20
"""Differences that are printed."""

Record = dict[str, Any]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Record and compare decisions and fills.")


def records(version: LoadedVersion, form: tuple[TruthField, ...], profile: dict[str, str]) -> list[Record]:
    """One record a field: what was decided with which evidence, and the fill for its truth."""
    decisions = classify(version, MlClassifyRequest(fields=tuple(field.descriptor for field in form))).decisions
    matches = tuple(Match(selector=f.descriptor.selector, canonical=f.truth, field=f.descriptor.slice()) for f in form)
    filled = fill(MlFillRequest(user_profile=profile, matches=matches), version.encoder)
    values = {one.selector: [one.value, one.warning] for one in filled.fills}
    reasons = {one.selector: one.reason for one in filled.unfilled}
    decided = {one.selector: one.model_dump(mode="json", include=RECORDED) for one in decisions}
    fills = {one.selector: values.get(one.selector, reasons.get(one.selector)) for one in decisions}
    selectors = [(field, field.descriptor.selector) for field in form]
    return [{"field": f"{field.site} {field.i}", **decided[selector], "fill": fills[selector]} for field, selector in selectors]


def record_all(store: str, forms: Path, held_out: bool, without_ranker: bool) -> list[Record]:
    """The records of all forms, in the order of the file."""
    profile = example_profile()
    truth = read_truth(forms, held_out)
    version = open_published(store, without_ranker).version
    return [record for form in truth.forms for record in records(version, form, profile)]


def differences(before: list[Record], after: list[Record]) -> list[tuple[str, str, Any, Any]]:
    """(field, key, before, after) for each difference; key `field` if only one record has the field."""
    then, now = ({record["field"]: record for record in records} for records in (before, after))
    found: list[tuple[str, str, Any, Any]] = []
    for field in [*then, *(field for field in now if field not in then)]:
        one, other = then.get(field), now.get(field)
        if one is None or other is None:
            found.append((field, "field", one and "there", other and "there"))
        else:
            found += [(field, name, one[name], other[name]) for name in one if one[name] != other[name]]
    return found


def read_record(path: Path) -> list[Record]:
    """An earlier record. Raises DataError when it can't be read."""
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise DataError(f"can't read the record {path}: {error}") from error


def write_record(found: list[Record], path: Path) -> None:
    """Writes a record. Raises DataError when it can't be written."""
    try:
        path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in found), "utf-8")
    except OSError as error:
        raise DataError(f"can't write {path}: {error.strerror}") from error


@app.command()
def decisions(
    forms: Annotated[Path, typer.Argument(help="A truth file; or authored forms, a file or a folder.")],
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's store.")] = "",
    held_out: Annotated[bool, typer.Option("--held-out", help="Of authored forms, only the sites no version is made from.")] = False,
    without_ranker: Annotated[bool, typer.Option("--without-ranker", help="Leave out the version's ranker: the fallback decides.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file for the record.")] = None,
    against: Annotated[Path | None, typer.Option(help="An earlier record to compare with.")] = None,
) -> None:
    """Records every decision and fill of the published version, or compares them with an earlier record."""
    with errors_in_one_line():
        before = read_record(against) if against else None
        found = record_all(store or local_store(), forms, held_out, without_ranker)
        if out:
            write_record(found, out)
    differing = differences(before, found) if before is not None else []
    console = stdout()
    if not differing:
        console.print(f"{len(found)} fields, {'recorded' if before is None else 'no difference'}")
        return
    shown = Table("field", "what", "before", "after", title=f"{len(differing)} differences in {len(found)} fields", title_justify="left")
    for row in differing[:SHOWN]:
        shown.add_row(*map(str, row))
    console.print(shown)
    raise typer.Exit(1)


if __name__ == "__main__":
    app(prog_name="decisions")
