"""Mistakes that no linter knows, refused by name before anything is started: code, handlers, roles, routes, and unsupported forms."""

from pathlib import Path

import pytest
from tests.support.local_world import TEMPLATE, tiny_project

from local.containers.stack import ContainerStack
from local.refusal import Refusal
from local.stack import StackConfig, require_runnable
from local.state_folder import StateFolder
from local.template.blueprint import Blueprint

PARAMETERS = {"AuthIssuer": "http://issuer", "AuthAudience": "a", "AuthJwksUrl": "http://keys"}
RUNTIME = "Runtime: python3.13"
LAYERS = f"{RUNTIME}\n      Layers: [%s]"
MACHINE = "DefinitionUri: machine.asl.json"
BUCKET = "BUCKET: !Ref DataBucket"
BACKEND, INFERENCE, TRAINING = (f"the template's Resources.{name}Function" for name in ("Backend", "Inference", "Training"))
VARIABLE = f"{BACKEND}.Properties.Environment.Variables.BUCKET"

EDITS: dict[str, tuple[str, str, str]] = {
    "a handler without a module": ("backend.handler", "back.handler", f"{BACKEND}: its handler back.handler has no module"),
    "an image's command without a module": (
        "[training.handler]",
        "[train.handler]",
        f"{TRAINING}: its handler train.handler has no module",
    ),
    "no CodeUri": ("      CodeUri: backend\n", "", f"{BACKEND}: 'CodeUri' is missing; the local stack needs it"),
    "a missing folder": ("CodeUri: backend", "CodeUri: back", f"{BACKEND}: CodeUri: there is no folder "),
    "a missing Dockerfile": ("inference/Dockerfile", "nowhere", f"{INFERENCE}: Dockerfile: there is no file "),
    "a layer that is not one": (
        RUNTIME,
        LAYERS % "!Ref DataBucket",
        f"{BACKEND}: its layer DataBucket is not an AWS::Serverless::LayerVer",
    ),
    "a missing definition": (MACHINE, "DefinitionUri: no.json", "Resources.TrainingStateMachine: DefinitionUri: there is no file "),
    "a definition that is not JSON": (MACHINE, "DefinitionUri: template.yaml", "Resources.TrainingStateMachine.Properties: "),
    "a substitution misspelt": (
        "{ TrainingFunction: !G",
        "{ Train: !G",
        "Properties: DefinitionSubstitutions lack TrainingFunction, which",
    ),
    "a role from elsewhere": (
        RUNTIME,
        f"{RUNTIME}\n      Role: arn:aws:iam::123456789012:role/elsewhere",
        f"{BACKEND}: its role elsewhere is not in the template",
    ),
    "a function that is not SAM's": (
        "Resources:\n",
        "Resources:\n  Raw: { Type: AWS::Lambda::Function, Properties: { Role: x, Code: {} } }\n",
        "Resources.Raw.Type: the local stack runs AWS::Serverless::Function only",
    ),
    "a reference to nothing": (BUCKET, "BUCKET: !Ref Nobody", f"{VARIABLE}: it refers to Nobody, which doesn't exist"),
    "an unsupported attribute": (
        BUCKET,
        "BUCKET: !GetAtt DataBucket.DomainName",
        f"{VARIABLE}: it refers to DataBucket.DomainName",
    ),
    "an unsupported function": (BUCKET, "BUCKET: !ImportValue a", f"{VARIABLE}: Fn::ImportValue is not supported"),
    "a condition that doesn't exist": (
        "DataBucket: { ",
        "DataBucket: { Condition: Nobody, ",
        "Resources.DataBucket: the condition Nobody doesn't exist",
    ),
    "a rule without Assert": (
        "Resources:",
        "Rules: { One: { Assertions: [{ AssertDescription: Refused. }] } }\nResources:",
        "the template's Rules.One: 'Assert' is missing",
    ),
    "a pattern that is not one": (
        "Type: Number, Default: 0.8",
        "Type: String, Default: x, AllowedPattern: '['",
        "Parameters.MinAccuracy: the local stack does not support this form",
    ),
    "an audience that is not a list": (
        "audience: !Ref AuthAudience",
        "audience: !Ref AuthIssuer",
        "Resources.HttpApi: audience must be a list",
    ),
    "a path parameter": ("Path: /echo", 'Path: "/{id}"', "Resources.HttpApi: the local API Gateway can't serve GET /{id}"),
}


def edited(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def refusal_of(folder: Path, template: str) -> str:
    path = tiny_project(folder / "project")
    path.write_text(template, "utf-8")
    with pytest.raises(Refusal) as refused:
        require_runnable(Blueprint(path, PARAMETERS, "tiny"))
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("edit", EDITS)
def test_what_the_local_stack_can_not_run_is_refused_by_name(tmp_path: Path, edit: str) -> None:
    old, new, message = EDITS[edit]

    assert message in refusal_of(tmp_path, edited(TEMPLATE, old, new))


def test_conditions_that_refer_to_each_other_are_refused(tmp_path: Path) -> None:
    template = edited(TEMPLATE, "DataBucket: { ", "DataBucket: { Condition: A, ")
    circle = "Conditions: { A: !Not [!Condition B], B: !Not [!Condition A] }\nResources:"

    refusal = refusal_of(tmp_path, edited(template, "Resources:", circle))

    assert "Resources.DataBucket: " in refusal
    assert "can't be evaluated: maximum recursion depth exceeded" in refusal


def test_a_reference_to_a_resource_whose_condition_is_false_is_refused(tmp_path: Path) -> None:
    template = edited(TEMPLATE, "DataBucket: { ", "DataBucket: { Condition: Never, ")

    refusal = refusal_of(tmp_path, edited(template, "Resources:", "Conditions: { Never: !Equals [a, b] }\nResources:"))

    assert ": it refers to DataBucket" in refusal


def test_a_template_without_an_api_is_refused(tmp_path: Path) -> None:
    events, end = TEMPLATE.index("      Events:"), TEMPLATE.index("  InferenceFunction:")
    api, backend = TEMPLATE.index("  HttpApi:"), TEMPLATE.index("  BackendFunction:")

    refusal = refusal_of(tmp_path, TEMPLATE[:api] + TEMPLATE[backend:events] + TEMPLATE[end:])

    assert refusal == "the template has no AWS::Serverless::HttpApi, so there is nothing to serve: add one"


def test_a_container_stack_refuses_before_it_builds_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # so that a build would fail with another message
    path = tiny_project(tmp_path / "project")
    path.write_text(
        edited(TEMPLATE, "backend.handler", "back.handler").replace("Default: 0.8 }", "Default: 0.8 }\n  Size: { Type: String }")
    )

    with pytest.raises(Refusal, match=r"its handler back\.handler has no module"):
        ContainerStack(StackConfig(path, StateFolder(tmp_path / "state")))

    assert not (tmp_path / "state").exists()
