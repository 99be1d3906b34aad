from typing import Any

import pytest

from fieldwise_common.errors import SettingsError
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import Mode, RunParameters, parse_request

SETTINGS = TrainingSettings(model_store="s3://bucket/models", feedback_log="s3://bucket/decisions/", min_accuracy=0.7)


def test_an_execution_with_only_a_mode_uses_the_settings() -> None:
    request = parse_request({"mode": "build-index", "Comment": "added by the Step Functions console"})

    parameters = RunParameters.of(request.parameters, SETTINGS)

    assert (parameters.min_accuracy, parameters.feedback_log) == (0.7, "s3://bucket/decisions/")
    assert (parameters.precision, parameters.index_kind, parameters.lex_threshold) == ("int8-weights", "per-synonym", None)


def test_a_parameter_of_the_execution_overrides_the_setting_even_if_empty_or_zero() -> None:
    request = parse_request({"mode": "full-train", "parameters": {"min_accuracy": 0, "feedback_log": "", "index_kind": "blob"}})

    parameters = RunParameters.of(request.parameters, SETTINGS)

    assert (parameters.min_accuracy, parameters.feedback_log, parameters.index_kind) == (0.0, "", "blob")


@pytest.mark.parametrize(
    ("raw", "culprit"),
    [
        ({}, "mode: Field required"),
        ({"mode": "train"}, "mode: "),
        ({"mode": "build-index", "parameters": {"min_acuracy": 0.5}}, "parameters.min_acuracy: Extra inputs"),
        ({"mode": "build-index", "parameters": {"min_accuracy": 1.5}}, "parameters.min_accuracy: "),
        ({"mode": "build-index", "parameters": {"lex_threshold": float("nan")}}, "parameters.lex_threshold: "),
        ({"mode": "build-index", "parameters": {"precision": "int4"}}, "parameters.precision: "),
        ({"mode": "build-index", "parameters": {"precision": "int8"}}, "parameters.precision: Input should be 'int8-weights' or 'fp32'"),
    ],
)
def test_a_wrong_input_names_the_key(raw: dict[str, Any], culprit: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_request(raw)

    assert culprit in str(refused.value)


def test_only_two_modes_learn_from_feedback_and_a_smoke_test_has_a_kind_of_its_own() -> None:
    assert {mode for mode in Mode if mode.uses_feedback} == {Mode.BUILD_INDEX_FEEDBACK, Mode.FULL_TRAIN}
    assert {mode for mode in Mode if mode.version_kind == "smoketest"} == {Mode.SMOKE_TEST}
