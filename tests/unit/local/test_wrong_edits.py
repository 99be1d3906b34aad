"""A template edited wrongly is refused in one line that names what is wrong, before anything is started or written."""

from pathlib import Path
from typing import NoReturn

import pytest
from tests.support.local_world import TEMPLATE, tiny_config
from tests.support.wrong_edits import BACKEND, EDITS, Edit

from local import stack
from local.containers.stack import ContainerStack
from local.places import Places
from local.refusal import Refusal
from local.stack import Stack, StackConfig

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _nothing_may_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object, **__: object) -> NoReturn:
        raise AssertionError("something was started")

    for name in ("AwsServer", "WebServer", "run_functions"):
        monkeypatch.setattr(stack, name, started)
    monkeypatch.setattr(ContainerStack, "_prepare", started)


def edited(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def refusal_of(config: StackConfig, kind: type[Stack] = Stack) -> str:
    with pytest.raises(Refusal) as refused:
        kind(config)
    assert not config.places.root.exists()
    assert "\n" not in str(refused.value)
    return str(refused.value)


def refusal_of_tiny(tmp_path: Path, template: bytes) -> str:
    config = tiny_config(tmp_path)
    config.template.write_bytes(template)
    return refusal_of(config)


@pytest.mark.parametrize("edit", EDITS)
def test_a_wrong_edit_is_refused_by_name(tmp_path: Path, edit: str) -> None:
    old, new, said = EDITS[edit]

    assert said in refusal_of_tiny(tmp_path, edited(TEMPLATE, old, new).encode())


def test_conditions_that_go_in_a_circle_are_refused(tmp_path: Path) -> None:
    template = edited(TEMPLATE, "DataBucket: { ", "DataBucket: { Condition: A, ")
    circle = "Conditions: { A: !Not [!Condition B], B: !Not [!Condition A] }\nResources:"

    refusal = refusal_of_tiny(tmp_path, edited(template, "Resources:", circle).encode())

    assert "Resources.DataBucket: " in refusal
    assert "does not come to anything: maximum recursion depth exceeded" in refusal


def test_a_reference_to_what_its_condition_leaves_out_is_refused(tmp_path: Path) -> None:
    template = edited(TEMPLATE, "DataBucket: { ", "DataBucket: { Condition: Never, ")

    refusal = refusal_of_tiny(tmp_path, edited(template, "Resources:", "Conditions: { Never: !Equals [a, b] }\nResources:").encode())

    assert "Properties: it refers to DataBucket" in refusal


def test_a_template_without_an_api_is_refused(tmp_path: Path) -> None:
    events, end = TEMPLATE.index("      Events:"), TEMPLATE.index("  InferenceFunction:")
    api, backend = TEMPLATE.index("  HttpApi:"), TEMPLATE.index("  BackendFunction:")

    refusal = refusal_of_tiny(tmp_path, (TEMPLATE[:api] + TEMPLATE[backend:events] + TEMPLATE[end:]).encode())

    assert refusal == "the template has no AWS::Serverless::HttpApi: there would be nothing to serve"


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    refusal = refusal_of_tiny(tmp_path, "# Schlüssel\n".encode("latin-1") + TEMPLATE.encode())

    assert refusal.endswith("template.yaml is not UTF-8 from byte 6 on: save it as UTF-8")


REAL: dict[str, Edit] = {
    "an alarm": ("Value: !Ref DecisionStream }", "Value: !Ref Stream }", ".Dimensions.0.Value: it refers to Stream, which is not there"),
    "the dashboard": (
        "${TrainingStateMachine}",
        "${Machine}",
        "Resources.Dashboard.Properties.DashboardBody: it refers to Machine, which is",
    ),
    "an output": (
        "Value: !Ref TrainingStateMachine\n",
        "Value: !Ref Machine\n",
        "Outputs.TrainingStateMachineArn.Value: it refers to Machine",
    ),
    "what is left out here": (
        "UserPoolId: !Ref UserPool\n",
        "UserPoolId: !Ref Pool\n",
        "Resources.UserPoolDomain.Properties.UserPoolId: it refers",
    ),
    "a property of an alarm": (
        "      EvaluationPeriods: 1\n",
        "      EvaluationPeriods: one\n",
        "EvaluationPeriods: 'one' is not of type 'integer'",
    ),
}


@pytest.mark.parametrize("edit", REAL)
def test_what_only_aws_would_make_is_looked_at_too(tmp_path: Path, edit: str) -> None:
    old, new, said = REAL[edit]
    (tmp_path / "template.yaml").write_text(edited((ROOT / "template.yaml").read_text("utf-8"), old, new), "utf-8")

    assert said in refusal_of(StackConfig(tmp_path / "template.yaml", Places(tmp_path / "state"), root=ROOT))


def test_containers_are_refused_the_same_template_before_anything_is_built(tmp_path: Path) -> None:
    template = edited((ROOT / "template.yaml").read_text("utf-8"), "CodeUri: functions/backend", "CodeUri: functions/back")
    (tmp_path / "template.yaml").write_text(template, "utf-8")

    refusal = refusal_of(StackConfig(tmp_path / "template.yaml", Places(tmp_path / "state"), root=ROOT), ContainerStack)

    assert f"{BACKEND}.Properties.CodeUri: there is no folder " in refusal
