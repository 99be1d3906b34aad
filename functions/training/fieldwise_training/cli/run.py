"""Runs: all steps in this process, or one step of the state machine.

Exit codes: 0 promoted (or smoke test passed), 1 failed, 2 wrong usage, 3 rejected by the gate, 4 superseded by another version.
"""
# ruff: noqa: ARG001 a run's parameters are read from typer's context, by their names in `Overrides`

import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer

from fieldwise_common.events import open_events
from fieldwise_common.observability import logger
from fieldwise_common.store.model_store import open_store
from fieldwise_training.cli.app import Data, Store, app, console, one_line_errors, settings_for
from fieldwise_training.cli.tables import (
    show_outcome,
    show_step,
)
from fieldwise_training.progress.display import StepDisplay
from fieldwise_training.progress.report import LoggedProgress
from fieldwise_training.run import FAILURES, StepFailed, run
from fieldwise_training.state import Mode, Overrides, parse_request
from fieldwise_training.steps.context import SHIPPED_DATA, TrainingContext
from fieldwise_training.steps.order import STEPS
from fieldwise_training.workflow.handover import run_in_container

REJECTED, SUPERSEDED = 3, 4


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    mode: Annotated[Mode | None, typer.Option("--mode", help="What the run does.")] = None,
    store: Store = None,
    feedback_log: Annotated[str | None, typer.Option(help="s3://bucket/decisions/, a folder with the same content, or a CSV.")] = None,
    base_model: Annotated[str | None, typer.Option(help="A path or a hub name; default: the built-in model.")] = None,
    min_accuracy: Annotated[float | None, typer.Option(help="Top-1 accuracy that the gate requires (0..1).")] = None,
    lex_threshold: Annotated[
        float | None, typer.Option(help="Lowest similarity of a near match in the lexicon (0..1); default: fitted.")
    ] = None,
    encoder: Annotated[str | None, typer.Option(help="static (distilled from the base model) or transformer.")] = None,
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
    data: Data = SHIPPED_DATA,
) -> None:
    """Runs all steps in this process, against a store."""
    if context.invoked_subcommand is not None:
        return
    if mode is None:
        raise typer.BadParameter("choose one of " + ", ".join(Mode), param_hint="--mode")
    given = {name: value for name in Overrides.model_fields if (value := context.params[name]) is not None}
    logger.setLevel("WARNING")
    with one_line_errors():
        settings = settings_for(store)
        request = parse_request({"mode": mode, "parameters": given})
        display = StepDisplay(console)
        training = TrainingContext(open_store(settings.model_store), settings, data, display.report, open_events(settings.event_bus))
        run_id = f"cli-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
        state = run(training, request, run_id, display.step, lambda step: show_step(console, step))
    show_outcome(console, state)
    if not state.promoted and mode is not Mode.SMOKE_TEST:
        raise typer.Exit(SUPERSEDED if state.superseded else REJECTED)


@app.command()
def step(
    name: str,
    run_id: Annotated[str, typer.Option("--run-id", help="The execution's name.")],
    store: Store = None,
    data: Data = SHIPPED_DATA,
) -> None:
    """Runs one step of the state machine's run, on ECS or SageMaker: reads its state in the store, and leaves the next one there."""
    with one_line_errors():
        settings = settings_for(store)
        training = TrainingContext(open_store(settings.model_store), settings, data, LoggedProgress())
        try:
            done = run_in_container(training, name, run_id)
        except FAILURES as error:
            raise StepFailed(name, error) from error
        console.print(f"{name}: {STEPS[name].summary(done)}", markup=False, highlight=False, soft_wrap=True)
