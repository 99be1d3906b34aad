"""`python -m tools.why`: explains one decision.

Exit codes: 0 explained; 1 failed; 2 wrong options.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fieldwise_common.errors import FieldwiseError
from fieldwise_common.store.model_store import open_store
from fieldwise_inference.classify.explain import explain_decision
from tools.replay.cli import FAILED, PIPE_WIDTH, WRONG_OPTIONS, fail, time_of
from tools.replay.decide import as_known
from tools.replay.replay import load_sealed
from tools.why.asked import of_file, of_log
from tools.why.page import pieces

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code. An error is one line on stderr."""
    try:
        code: int = app(arguments, prog_name="python -m tools.why", standalone_mode=False)
    except typer.TyperException as error:
        return fail(error.format_message(), WRONG_OPTIONS)
    return code


@app.command()
def why(
    decision_id: Annotated[str, typer.Argument(help="A decision of the log.")] = "",
    form: Annotated[str, typer.Option(help="Instead: a form in a file of authored forms or truth, as file.jsonl:line.")] = "",
    field: Annotated[int | None, typer.Option(min=1, help="Which of the form's fields, from 1.")] = None,
    canonical: Annotated[str, typer.Option(help="Another id to compare with: its probability, and what it would need.")] = "",
    version: Annotated[str, typer.Option(help="Default: the one that decided; of a form, the live one.")] = "",
    store: Annotated[str, typer.Option(envvar="MODEL_STORE", help="s3://bucket/prefix or a folder.", show_default=False)] = "",
    log: Annotated[str, typer.Option(envvar="FEEDBACK_LOG", help="s3://bucket/decisions/ or a folder.", show_default=False)] = "",
    since: Annotated[str, typer.Option(help="Read the log from this time on, UTC: 2026-11-29 or 2026-11-29T20:00.")] = "",
) -> int:
    """Explains one decision: what spoke for it and against it, what came second, what would have been enough."""
    if bool(decision_id) == bool(form):
        return fail("name either a decision id or a --form: see --help", WRONG_OPTIONS)
    if not store or (decision_id and not log):
        return fail("--store is required, and with a decision id --log: see --help", WRONG_OPTIONS)
    try:
        asked = of_log(log, decision_id, time_of(since)) if decision_id else of_file(form, field)
        models = open_store(store)
        chosen = version or (asked.row.model_version if asked.row is not None else models.published().pointer.version)
        with tempfile.TemporaryDirectory(prefix="fieldwise-why-") as folder:
            loaded, request = load_sealed(models, chosen, Path(folder)), asked.request
            if asked.logged:
                loaded, request = as_known(loaded, asked.logged, request)
            explained = explain_decision(loaded, request, asked.position, canonical)
    except FieldwiseError as error:
        return fail(str(error), FAILED)
    console = Console(width=None if Console().is_terminal else PIPE_WIDTH, highlight=False)
    for piece in pieces(asked, explained, chosen):
        console.print(piece, soft_wrap=isinstance(piece, str), markup=False)
    return 0
