import json
from pathlib import Path

import pytest
from tests.support.tiny_training import tiny_context

from fieldwise_common.errors import CodeChanged, SettingsError
from fieldwise_training import handler
from fieldwise_training.handler import lambda_handler, run_step
from fieldwise_training.steps.context import TrainingContext


@pytest.fixture
def context(tmp_path: Path) -> TrainingContext:
    return tiny_context(tmp_path)


@pytest.mark.parametrize(
    ("event", "culprit"),
    [
        ({}, "step: Field required"),
        ({"step": "deploy", "run_id": "r", "state": {}}, "step: unknown step 'deploy'; the steps are validate, load, .*, notify$"),
        ({"step": "load", "run_id": "r", "state": {}}, "mode: Field required"),
        ({"step": "validate", "run_id": "r", "state": {"mode": "train"}}, "mode: "),
    ],
)
def test_a_malformed_event_names_the_key(context: TrainingContext, event: dict[str, object], culprit: str) -> None:
    with pytest.raises(SettingsError, match=culprit):
        run_step(context, event)


def test_a_run_must_end_with_the_code_that_began_it(context: TrainingContext) -> None:
    state = run_step(context, {"step": "validate", "run_id": "run-1", "state": {"mode": "build-index"}})

    with pytest.raises(CodeChanged, match="redeployed during the run run-1"):
        run_step(context, {"step": "load", "run_id": "run-1", "state": {**state, "code": "000000000000"}})


class LambdaContext:
    function_name = "training"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:training"
    aws_request_id = "request-1"


def test_the_handler_hands_small_json_from_step_to_step(context: TrainingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setattr(handler, "make_context", lambda: context)

    first = lambda_handler({"step": "validate", "run_id": "execution-1", "state": {"mode": "build-index"}}, LambdaContext())
    second = lambda_handler({"step": "load", "run_id": "execution-1", "state": json.loads(json.dumps(first))}, LambdaContext())

    assert (first["run_id"], first["entries"], second["entries"]) == ("execution-1", None, 4)
    assert len(json.dumps(second)) < 4096


def test_the_context_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_STORE", str(tmp_path))
    monkeypatch.setenv("MIN_ACCURACY", "0.55")
    handler.make_context.cache_clear()

    made = handler.make_context()

    handler.make_context.cache_clear()
    assert made.settings.min_accuracy == 0.55
    assert (made.data / "canonical").is_dir()
