"""What the state machine needs besides the steps: the record of a failure, steps in a container, embedding in shards."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support.tiny_training import tiny_context
from tests.support.tiny_version import write_encoder
from typer.testing import CliRunner

from fieldwise_common.errors import CodeChanged, SettingsError, StoreError
from fieldwise_common.store import layout
from fieldwise_training.cli import app
from fieldwise_training.encoder.parallel import CHUNK, ParallelEncoder, by_length
from fieldwise_training.handler import run_step
from fieldwise_training.state import (
    CalibrationFacts,
    EncoderFacts,
    FeedbackFacts,
    FineTuningFacts,
    IndexFacts,
    LearningFacts,
    Mode,
    RunState,
    parse_request,
)
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.index import sharded_vectors
from fieldwise_training.steps.order import STEPS
from fieldwise_training.steps.validate import begin
from fieldwise_training.workflow import shards
from fieldwise_training.workflow.failed import HIDDEN, MAX_CAUSE, Failure, cause_of, failure_of, read_failures, record_failure
from fieldwise_training.workflow.handover import hand_over, run_in_container, take_over

MESSAGE = {"errorType": "DataError", "errorMessage": "en.jsonl, line 3:\n  no truth", "stackTrace": ["…"]}
STOPPED = {
    "StoppedReason": "Essential container in task exited",
    "Containers": [{"ExitCode": 137, "Reason": "OutOfMemoryError: container killed due to memory usage"}],
}
FAILED_JOB = {"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: exit code 1"}


@pytest.fixture
def context(tmp_path: Path) -> TrainingContext:
    return tiny_context(tmp_path)


@pytest.fixture
def state(context: TrainingContext) -> RunState:
    return begin(context, parse_request({"mode": "build-index"}), "run-1")


@pytest.mark.parametrize(
    ("error", "cause", "recorded"),
    [
        ("DataError", json.dumps(MESSAGE), "en.jsonl, line 3: no truth"),
        ("Sandbox.Timedout", json.dumps({"errorMessage": "Task timed out after 900.00 seconds"}), "Task timed out after 900.00 seconds"),
        ("States.Timeout", "", ""),
        (
            "States.TaskFailed",
            json.dumps(STOPPED),
            "Essential container in task exited; exit code 137; OutOfMemoryError: container killed due to memory usage",
        ),
        ("States.TaskFailed", json.dumps(FAILED_JOB), "AlgorithmError: exit code 1"),
        ("ECS.AccessDeniedException", "not authorized to perform: ecs:RunTask", "not authorized to perform: ecs:RunTask"),
        ("ECS.AmazonECSException", "x" * 40_000, "x" * MAX_CAUSE),
        ("KeyError", json.dumps({"errorMessage": "'ada@example.org'"}), HIDDEN),
        ("", "ada@example.org", HIDDEN),
        ("StoreError", "[1]", "[1]"),
    ],
)
def test_a_cause_is_one_short_line_without_what_users_wrote(error: str, cause: str, recorded: str) -> None:
    assert cause_of(error, cause) == recorded


def test_the_step_that_failed_is_the_first_without_a_result(state: RunState) -> None:
    caught = {"Error": "StoreError", "Cause": "no space"}
    done = state.model_copy(update={"seconds": {"validate": 1.0, "load": 2.0}})

    failure = failure_of("run-1", {**done.model_dump(mode="json"), "failure": caught})

    assert (failure.step, failure.version, failure.mode, failure.cause) == ("finetune", state.version, "build-index", "no space")


@pytest.mark.parametrize("given", [{}, {"failure": "x"}, {"failure": {}, "input": []}, {"input": {"mode": "<script>"}, "seconds": 7}])
def test_a_failure_before_there_is_a_state_is_recorded_too(context: TrainingContext, given: dict[str, Any]) -> None:
    assert record_failure(context, "run-1", given) == {"Error": "", "Cause": ""}

    (failure,) = read_failures(context.store)
    assert (failure.run_id, failure.step, failure.mode) == ("run-1", "validate", "")


def test_the_name_of_step_functions_own_error_can_be_an_executions_error(context: TrainingContext) -> None:
    assert record_failure(context, "run-1", {"failure": {"Error": "States.Timeout"}}) == {"Error": "Timeout", "Cause": ""}


def test_failures_are_listed_latest_first_and_a_damaged_record_is_skipped(context: TrainingContext, tmp_path: Path) -> None:
    for run, day in (("run-1", 1), ("run-2", 2)):
        failure = Failure(run_id=run, at=datetime(2026, 11, day, 12, 30, tzinfo=UTC), step="index", error="StoreError", cause="[no] space")
        context.store.objects.put(f"failures/{run}.json", failure.model_dump_json().encode())
    context.store.objects.put("failures/run-3.json", b"{")

    done = CliRunner().invoke(app, ["failures", "--store", str(tmp_path / "store")])

    assert done.exit_code == 0
    assert done.stdout.index("2026-11-02 12:30") < done.stdout.index("2026-11-01 12:30")
    assert "[no] space" in done.stdout
    assert context.store.versions() == ()


def test_a_step_in_a_container_leaves_the_next_state_for_the_state_machine(context: TrainingContext, tmp_path: Path) -> None:
    event = {"run_id": "run-1", "state": {"mode": "build-index"}}
    before = run_step(context, {**event, "step": "validate"})
    assert run_step(context, {**event, "step": "hand-over", "state": before}) == before

    done = CliRunner().invoke(app, ["step", "load", "--run-id", "run-1", "--store", str(tmp_path / "store"), "--data", str(context.data)])
    after = run_step(context, {**event, "step": "take-over", "state": before})

    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("load: ")
    assert (list(after["seconds"]), after["entries"]) == (["validate", "load"], 4)


def test_a_container_that_ended_without_a_result_is_not_taken_for_one_that_worked(context: TrainingContext, state: RunState) -> None:
    hand_over(context, state)

    with pytest.raises(StoreError, match=r"runs/run-1/state\.json has no result of the step: its container ended early, see its log"):
        take_over(context, state)


@pytest.mark.parametrize(
    ("name", "run_id", "message"),
    [
        ("deploy", "run-1", "unknown step 'deploy'; the steps are validate, load, "),
        ("load", "run-2", "no run 'run-2' in this store waits for a container"),
    ],
)
def test_a_container_for_an_unknown_step_or_run_fails_in_one_line(
    context: TrainingContext, state: RunState, tmp_path: Path, name: str, run_id: str, message: str
) -> None:
    hand_over(context, state)

    done = CliRunner().invoke(app, ["step", name, "--run-id", run_id, "--store", str(tmp_path / "store")])

    assert done.exit_code == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_container_with_other_code_than_the_functions_refuses(context: TrainingContext, state: RunState) -> None:
    hand_over(context, state.model_copy(update={"code": "000000000000"}))

    with pytest.raises(CodeChanged, match="start a new run"):
        run_in_container(context, "load", "run-1")


def test_a_damaged_state_is_named(context: TrainingContext, state: RunState) -> None:
    context.store.objects.put("runs/run-1/state.json", b"{}")

    with pytest.raises(StoreError, match=r"runs/run-1/state\.json is not a state of a run"):
        take_over(context, state)


@pytest.mark.parametrize("compute", ["ecs", "sagemaker"])
def test_a_compute_that_the_stack_does_not_have_is_refused_at_once(context: TrainingContext, compute: str) -> None:
    given = {"mode": "build-index", "parameters": {"compute": compute}}

    with pytest.raises(SettingsError, match=rf"parameters\.compute: {compute} is not set up here, only lambda \(docs/operations\.md\)"):
        run_step(context, {"step": "validate", "run_id": "run-1", "state": given})


def test_a_text_has_the_same_vector_bit_for_bit_with_and_without_shards(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    words = ("first", "last", "name", "email", "search")
    texts = [" ".join(draw.choice(words, draw.integers(1, 9))) for _ in range(2_000)]
    encoder = ParallelEncoder(write_encoder(tmp_path))
    ordered = by_length(texts)
    assert len(ordered) > 2 * CHUNK

    whole = encoder.embed(ordered)
    in_shards = [encoder.embed(ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK)]

    assert np.array_equal(whole, np.concatenate(in_shards))
    assert shards.SHARD_TEXTS % CHUNK == 0


def test_a_shard_that_is_missing_or_incomplete_fails_the_index_by_name(context: TrainingContext) -> None:
    state = begin(context, parse_request({"mode": "build-index"}), "run-1").model_copy(update={"shards": ("0000",)})
    with pytest.raises(StoreError, match="0000"):
        sharded_vectors(context, state)

    context.store.objects.put(layout.shard_texts("run-1", "0000"), b'["Email", "Name"]')
    (Path(context.settings.model_store) / "runs/run-1/shards").mkdir(parents=True, exist_ok=True)
    np.save(Path(context.settings.model_store) / layout.shard_vectors("run-1", "0000"), np.ones((1, 8), np.float32))

    with pytest.raises(StoreError, match=r"runs/run-1/shards/0000\.npy has 1 vectors for 2 texts"):
        sharded_vectors(context, state)


def test_a_state_with_everything_in_it_fits_into_what_step_functions_passes_on(state: RunState) -> None:
    counts = {f"a reason of some forty characters, no. {number}": 1_000_000 for number in range(50)}
    full = state.model_copy(
        update={
            "mode": Mode.FULL_TRAIN,
            "note": "n" * 2_000,
            "reason": "r" * 2_000,
            "seconds": dict.fromkeys(STEPS, 12_345.6),
            "feedback": FeedbackFacts(log="s3://" + "b" * 200, mark="2026/11/29/20/", changes=counts, capped=counts, quarantined=counts),
            "fine_tuning": FineTuningFacts(kept=True, reason="r" * 1_000),
            "encoder": EncoderFacts(precision="int8-weights", lowest_cosine={"int8-weights": 0.98}, fallback="f" * 1_000),
            "shards": tuple(f"{number:04d}" for number in range(1_000)),  # ten million texts
            "index": IndexFacts(
                size=10_000_000, type="ivf-pq", recall=0.99, parameters={"nlist": 6324, "nprobe": 3162, "M": 192, "bytes": 3}
            ),
            "learning": LearningFacts(left_out=counts),
            "calibration": CalibrationFacts(fields=10_000_000),
        }
    )

    passed_on = {**full.model_dump(mode="json"), "failure": {"Error": "Sandbox.Timedout", "Cause": "c" * 32_768}}

    assert len(json.dumps(passed_on).encode()) < 256 * 1024 / 2
