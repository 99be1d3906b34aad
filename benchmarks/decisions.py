"""`make decisions`: every decision and fill of a version on forms with known truth, recorded, or compared with a record.

A change of the code that should change no answer is checked by recording before it and comparing after it, with the same
version of the model. Texts of the forms stay out of the record; the values in it are those of `examples/profile.json`.

Exit codes: 0 recorded, or nothing differs; 1 something differs, or a file or a store is at fault.
"""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from benchmarks.latency.version import fetch
from benchmarks.quality.serving.stores import local_store
from benchmarks.quality.truth.fields import TruthField
from benchmarks.quality.truth.read import read_truth
from rich.console import Console
from rich.table import Table

from fieldwise_backend.flatten.mapping import flatten
from fieldwise_backend.profile.parsing import parse_profile
from fieldwise_common.errors import FieldwiseError
from fieldwise_common.wire import ClassifyRequest, Match, MlFillRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.fill.dispatch import fill
from fieldwise_inference.serving.version import load_version

PROFILE = Path(__file__).parents[1] / "examples" / "profile.json"
TODAY = date(2026, 1, 1)
"""The day ages are counted on, so that a record stays true."""
RECORDED = {"decision", "predicted", "method", "score", "threshold_used", "confidence_signals"}
SHOWN = 20
"""Differences that are printed."""

Record = dict[str, Any]

console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


def records(version: LoadedVersion, form: tuple[TruthField, ...], profile: dict[str, str]) -> list[Record]:
    """One record a field: what was decided with which evidence, and what the field would get if its truth were known."""
    decisions = classify(version, ClassifyRequest(fields=tuple(field.descriptor for field in form))).decisions
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
    profile = flatten(parse_profile(json.loads(PROFILE.read_text("utf-8"))), TODAY)
    with tempfile.TemporaryDirectory(prefix="fieldwise-decisions-") as folder:
        version = load_version(*fetch(store, Path(folder)))
        version = replace(version, ranker=None) if without_ranker else version
        return [record for form in read_truth(forms, held_out).forms for record in records(version, form, profile)]


def differences(before: list[Record], after: list[Record]) -> list[tuple[str, str, Any, Any]]:
    """(field, what, before, after) wherever two lists of records differ; a field that only one of them has differs as a whole."""
    then, now = ({record["field"]: record for record in records} for records in (before, after))
    found: list[tuple[str, str, Any, Any]] = []
    for field in [*then, *(field for field in now if field not in then)]:
        one, other = then.get(field), now.get(field)
        if one is None or other is None:
            found.append((field, "field", one and "there", other and "there"))
        else:
            found += [(field, name, one[name], other[name]) for name in one if one[name] != other[name]]
    return found


def decisions(
    forms: Annotated[Path, typer.Argument(help="A truth file (JSON Lines), or authored forms in a file or folder.")],
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; else the embedded stack's store.")] = "",
    held_out: Annotated[bool, typer.Option(help="Of authored forms, only the held-out sites.")] = False,
    without_ranker: Annotated[bool, typer.Option(help="Decide as a version made without a ranker does.")] = False,
    out: Annotated[Path | None, typer.Option(help="Where to write the record.")] = None,
    against: Annotated[Path | None, typer.Option(help="An earlier record to compare with.")] = None,
) -> None:
    """Records every decision and fill of the published version, or compares them with an earlier record."""
    try:
        found = record_all(store or local_store(), forms, held_out, without_ranker)
        before = [json.loads(line) for line in against.read_text("utf-8").splitlines()] if against else found
        if out:
            out.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in found), "utf-8")
    except (FieldwiseError, OSError, ValueError) as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    differing = differences(before, found)
    table = Table("field", "what", "before", "after", title=f"{len(differing)} differences in {len(found)} fields", title_justify="left")
    for row in differing[:SHOWN]:
        table.add_row(*map(str, row))
    console.print(table if differing else f"{len(found)} fields, {'no difference' if against else 'recorded'}")
    if differing:
        raise typer.Exit(1)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(decisions)

if __name__ == "__main__":
    app()
