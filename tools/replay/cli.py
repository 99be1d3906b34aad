"""`python -m tools.replay`: makes the decisions of a log again with a version.

Exit codes: 0 done; 1 failed; 2 wrong options; 3 the version does not decide as it did, though the code is the same.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fieldwise_common.errors import DataError, FieldwiseError, SettingsError
from fieldwise_common.store.model_store import open_store
from fieldwise_training.progress.display import StepDisplay
from tools.replay.replay import replay
from tools.replay.report import ReplayReport, tables

FAILED, WRONG_OPTIONS, UNFAITHFUL = 1, 2, 3
PIPE_WIDTH = 180
YEARS = 2000, 3000
"""Of a time that makes sense; near the calendar's ends, adding a day overflows."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code. An error is one line on stderr."""
    try:
        code: int = app(arguments, prog_name="python -m tools.replay", standalone_mode=False)
    except typer.TyperException as error:
        return fail(error.format_message(), WRONG_OPTIONS)
    return code


@app.command()
def replay_log(
    version: Annotated[str, typer.Argument(help="A sealed version; default: the live one.")] = "",
    store: Annotated[str, typer.Option(envvar="MODEL_STORE", help="s3://bucket/prefix or a folder.", show_default=False)] = "",
    log: Annotated[str, typer.Option(envvar="FEEDBACK_LOG", help="s3://bucket/decisions/ or a folder.", show_default=False)] = "",
    since: Annotated[str, typer.Option(help="The time of the first decision, UTC: 2026-11-29 or 2026-11-29T20:00.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many decisions, oldest first; the last form is replayed whole.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the report to this file, as JSON.")] = None,
) -> int:
    """Makes logged decisions again: those of this version must be the same, those of others show what it would change."""
    if not store or not log:
        return fail("--store and --log are required: see --help", WRONG_OPTIONS)
    stdout = Console(width=None if Console().is_terminal else PIPE_WIDTH, highlight=False)
    display = StepDisplay(Console(stderr=True))
    try:
        models = open_store(store)
        chosen = version or models.published().pointer.version
        with display.step("replay"):
            report = replay(log, models, chosen, time_of(since), limit, display.report)
        if out is not None:
            _write(report, out)
    except FieldwiseError as error:
        return fail(str(error), FAILED)
    for table in tables(report):
        stdout.print(table)
    stdout.print(_summary(report), soft_wrap=True, markup=False)
    return 0 if report.is_faithful else UNFAITHFUL


def time_of(text: str) -> datetime | None:
    """The time of an option, in UTC if it has no zone; None for "". Raises SettingsError for a text that is not a time."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        if not YEARS[0] <= time.year <= YEARS[1]:
            raise ValueError(text)
    except ValueError:
        raise SettingsError(f"{text!r} is not a time: write it as 2026-11-29 or 2026-11-29T20:00") from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _write(report: ReplayReport, path: Path) -> None:
    try:
        path.write_text(report.model_dump_json(indent=1) + "\n", "utf-8")
    except OSError as error:
        raise DataError(f"{path} can't be written: {error.strerror}") from error


def _summary(report: ReplayReport) -> str:
    own = report.own
    lines = [f"{report.version}: {report.decisions:,} decisions of {report.forms:,} forms in {report.seconds} s"]
    if own.decisions:
        same = f"its own: {own.decisions - own.different:,} of {own.decisions:,} the same"
        lines.append(f"{same}; scores differ by {own.largest_score_difference} at most")
    if own.other_code_decisions:
        lines.append(f"other code made {own.other_code_decisions:,} of them, {own.other_code_different:,} of which differ")
    lines += [f"not replayed: {count:,} ({reason})" for reason, count in report.skipped.items()]
    return "\n".join(lines)


def fail(line: str, code: int) -> int:
    """Prints an error as one line on stderr; returns the exit code."""
    typer.echo(" ".join(line.split()), err=True)
    return code
