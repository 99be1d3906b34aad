"""`python -m fieldwise_training`: a whole run from a shell, and the versions of a store.

Exit codes: 0 promoted (or smoke test passed), 1 failed, 2 wrong usage, 3 rejected by the gate.
"""
# ruff: noqa: ARG001 a run's parameters are read from typer's context, by their names in `Overrides`

import json
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError
from rich.console import Console

from fieldwise_common.errors import FieldwiseError, SettingsError
from fieldwise_common.observability import logger
from fieldwise_common.settings import load_settings
from fieldwise_common.store.model_store import ModelStore, open_store
from fieldwise_common.store.reports import read_report
from fieldwise_common.store.shadow import end_shadow, read_shadow, set_shadow
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.console import corpus_tables, id_table, shadow_line, shadow_tables, show_outcome, show_step, version_table
from fieldwise_training.corpus import load_forms, load_guard
from fieldwise_training.feedback.shadow_log import shadows_in_log
from fieldwise_training.progress.display import StepDisplay
from fieldwise_training.run import run
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import Mode, Overrides, parse_request
from fieldwise_training.steps.context import SHIPPED_DATA, TrainingContext

REJECTED = 3
SHADOW_BY = "the command line"
"""Who set the shadow, in `shadow.json`."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Make, measure and promote model versions.")
PIPE_WIDTH = 1_000
"""Columns of output into a pipe or file, so that no cell of a table is cut."""
console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
stderr = Console(stderr=True)

Store = Annotated[str | None, typer.Option("--store", help="s3://bucket/prefix or a folder; default: MODEL_STORE.")]


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Prints our own errors as one line on stderr; exit code 1."""
    try:
        yield
    except FieldwiseError as error:
        stderr.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _settings(store: str | None) -> TrainingSettings:
    return load_settings(TrainingSettings, **({"model_store": store} if store else {}))


def _open(uri: str) -> ModelStore:
    """Raises SettingsError for an address that is not a store's, and for an AWS configuration that can't be used."""
    try:
        return open_store(uri)
    except (BotoCoreError, ValueError) as error:  # botocore raises ValueError for a malformed endpoint
        raise SettingsError(f"{uri}: {error}") from error


def _existing_store(store: str | None) -> ModelStore:
    """A store to read: a missing folder is an error, whereas a run creates it."""
    uri = _settings(store).model_store
    if "://" not in uri and not Path(uri).is_dir():
        raise SettingsError(f"{uri}: no such folder")
    return _open(uri)


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    mode: Annotated[Mode | None, typer.Option("--mode", help="What the run does.")] = None,
    store: Store = None,
    feedback_log: Annotated[str | None, typer.Option(help="s3://bucket/decisions/, a folder with the same content, or a CSV.")] = None,
    base_model: Annotated[str | None, typer.Option(help="A path or a hub name; default: the built-in model.")] = None,
    min_accuracy: Annotated[float | None, typer.Option(help="Top-1 accuracy that the gate requires (0..1).")] = None,
    lex_threshold: Annotated[float | None, typer.Option(help="Lowest similarity of a near match in the lexicon (0..1).")] = None,
    precision: Annotated[str | None, typer.Option(help="Precision of the encoder: int8-weights or fp32.")] = None,
    index_kind: Annotated[str | None, typer.Option(help="per-synonym or blob.")] = None,
    site_quorum: Annotated[
        int | None, typer.Option(help="Users who must agree on a field of a site before it is learned (1..100).")
    ] = None,
    ranker_members: Annotated[int | None, typer.Option(help="Networks that the ranker averages; 0: no ranker.")] = None,
    ranker_epochs: Annotated[int | None, typer.Option(help="Training epochs of the ranker.")] = None,
    wrong_cost: Annotated[float | None, typer.Option(help="Cost of a wrong fill, in fields left empty.")] = None,
    wrong_fill_budget: Annotated[float | None, typer.Option(help="Share of fills that may be wrong (0..0.5); default: no budget.")] = None,
    fine_tune_epochs: Annotated[int | None, typer.Option(help="Epochs of fine-tuning in full-train; 0: none.")] = None,
    compute: Annotated[str | None, typer.Option(help="Where Step Functions runs long steps: lambda, ecs, sagemaker.", hidden=True)] = None,
    data: Annotated[Path, typer.Option(help="A folder with canonical/*.json and corpus/**/*.jsonl.", show_default=False)] = SHIPPED_DATA,
) -> None:
    """Runs all steps in this process, against a store."""
    if context.invoked_subcommand is not None:
        return
    if mode is None:
        raise typer.BadParameter("choose one of " + ", ".join(Mode), param_hint="--mode")
    given = {name: value for name in Overrides.model_fields if (value := context.params[name]) is not None}
    logger.setLevel("WARNING")
    with _one_line_errors():
        settings = _settings(store)
        request = parse_request({"mode": mode, "parameters": given})
        display = StepDisplay(console)
        training = TrainingContext(_open(settings.model_store), settings, data, display.report)
        run_id = f"cli-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
        state = run(training, request, run_id, display.step, lambda step: show_step(console, step))
    show_outcome(console, state)
    if not state.promoted and mode is not Mode.SMOKE_TEST:
        raise typer.Exit(REJECTED)


@app.command()
def corpus(
    data: Annotated[Path, typer.Option(help="A folder with canonical/*.json and corpus/**/*.jsonl.", show_default=False)] = SHIPPED_DATA,
) -> None:
    """Checks the authored forms, guard forms too, and counts them by language and part, and their fields by truth."""
    with _one_line_errors():
        known = ids_of(load_canonical(data / "canonical"))
        for table in corpus_tables(load_forms(data / "corpus", known), load_guard(data, known)):
            console.print(table)


@app.command()
def ids(
    data: Annotated[Path, typer.Option(help="A folder with canonical/*.json and corpus/**/*.jsonl.", show_default=False)] = SHIPPED_DATA,
) -> None:
    """Lists all canonical ids: the kind of answer, what else is known of each, its synonyms and the fields that ask for it."""
    with _one_line_errors():
        entries = load_canonical(data / "canonical")
        console.print(id_table(entries, load_forms(data / "corpus", ids_of(entries))))


@app.command()
def report(
    version: Annotated[str | None, typer.Argument(help="The version; by default the newest.")] = None,
    store: Store = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; default: VERSION.html in this folder.")] = None,
) -> None:
    """Writes the report of a version, live or rejected, to a file, and prints its verdict in one line."""
    with _one_line_errors():
        found = read_report(_existing_store(store), version)
        path = out or Path(f"{found.version}.html")
        try:
            path.write_bytes(found.page)
        except OSError as error:
            raise SettingsError(f"{path} can't be written: {error.strerror}") from error
        console.print(found.verdict, markup=False, highlight=False, soft_wrap=True)
        console.print(str(path), markup=False, highlight=False, soft_wrap=True)


@app.command()
def versions(store: Store = None) -> None:
    """Lists all versions with the gate's verdict; the live one is marked."""
    with _one_line_errors():
        console.print(version_table(_existing_store(store)))


@app.command()
def show(version: str, store: Store = None) -> None:
    """Prints the manifest of a version: its files, data, code, parameters, metrics and verdict."""
    with _one_line_errors():
        console.print_json(json.dumps(_existing_store(store).manifest(version).model_dump(mode="json")))


@app.command()
def rollback(version: str, store: Store = None) -> None:
    """Makes an earlier version live again, after checking all its files; inference loads it at its next poll."""
    with _one_line_errors():
        pointer = _existing_store(store).roll_back(version, "rollback")
        console.print(f"{pointer.version} is live; before it: {pointer.previous or 'none'}", highlight=False, soft_wrap=True)


@app.command()
def shadow(
    version: Annotated[str, typer.Argument(help="A sealed version to put into shadow; without it, shows the shadow there is.")] = "",
    share: Annotated[float, typer.Option(help="Share of the requests that the version also decides (above 0, at most 1).")] = 0.1,
    off: Annotated[bool, typer.Option("--off", help="End the shadow.")] = False,
    store: Store = None,
    feedback_log: Annotated[str | None, typer.Option(help="The decision log, for what the shadow decided; default: FEEDBACK_LOG.")] = None,
) -> None:
    """A version in shadow decides beside the live one, for the log alone: starts it, ends it, or shows what it decided so far."""
    if version and off:
        raise typer.BadParameter("give either a version or --off", param_hint="VERSION")
    logger.setLevel("WARNING")
    with _one_line_errors():
        models = _existing_store(store)
        if version or off:
            setting = set_shadow(models, version, share, SHADOW_BY) if version else end_shadow(models, SHADOW_BY)
        else:
            setting = read_shadow(models.objects)
        console.print(shadow_line(setting), markup=False, highlight=False, soft_wrap=True)
        if setting.is_on and not version:
            for table in shadow_tables(setting, shadows_in_log(feedback_log or _settings(store).feedback_log, setting)):
                console.print(table)
