from pathlib import Path
from typing import Any

import pytest
from tests.support.local_world import tiny_project

from local.refusal import Refusal
from local.template.blueprint import Blueprint
from local.template.load import load
from local.template.names import physical_name
from local.template.translate import parameter_values

PARAMETERS = {"AuthIssuer": "http://issuer", "AuthAudience": "a, b", "AuthJwksUrl": "http://keys"}


def test_names_are_the_same_at_every_start() -> None:
    assert physical_name("fieldwise-local", "UserHashSecret") == "fieldwise-local-user-hash-secret"


def test_a_template_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="can't be read"):
        load(tmp_path / "template.yaml")


def test_a_parameter_without_a_value_is_named(tmp_path: Path) -> None:
    template = load(tiny_project(tmp_path / "project"))

    with pytest.raises(Refusal, match="AuthAudience has no value"):
        parameter_values(template, {"AuthIssuer": "x"})


def test_a_list_parameter_is_split_and_a_default_counts(tmp_path: Path) -> None:
    values = parameter_values(load(tiny_project(tmp_path / "project")), PARAMETERS)

    assert values["AuthAudience"] == ["a", "b"]
    assert values["MinAccuracy"] == "0.8"


@pytest.mark.parametrize(
    ("parameter", "value", "why"),
    [
        ({"Type": "String", "AllowedValues": ["on", "off"]}, "perhaps", "it must be one of on, off"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "10", "it must be a number, at least 1, at most 9"),
        ({"Type": "Number"}, "many", "it must be a number"),
        ({"Type": "String", "MaxLength": 3}, "abcd", "it must be at most 3 characters long"),
        ({"Type": "String", "AllowedPattern": "^[a-z]*$", "ConstraintDescription": "must be small"}, "BIG", "it must be small"),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"}, "one,2", r"it must be matching \[a-z\]\+"),
    ],
)
def test_a_value_that_cloudformation_would_refuse_is_refused_with_its_constraint(parameter: Any, value: str, why: str) -> None:
    with pytest.raises(Refusal, match=f"parameter P can't be '{value}': {why}"):
        parameter_values({"Parameters": {"P": parameter}}, {"P": value})


@pytest.mark.parametrize(
    ("parameter", "value"),
    [({"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"}, "one, two"), ({"Type": "Number", "AllowedValues": [1, 7]}, "7")],
)
def test_a_value_within_its_constraints_is_taken(parameter: Any, value: str) -> None:
    assert parameter_values({"Parameters": {"P": parameter}}, {"P": value})


def test_a_template_that_sam_refuses_is_refused_with_sams_message(tmp_path: Path) -> None:
    path = tiny_project(tmp_path / "project")
    path.write_text(path.read_text().replace("Handler: backend.handler", "Handler: backend.handler\n      NoSuchProperty: 1"))

    with pytest.raises(Refusal, match="NoSuchProperty"):
        Blueprint(path, PARAMETERS, "tiny")


def test_a_function_without_timeout_and_memory_gets_lambdas_defaults(tmp_path: Path) -> None:
    path = tiny_project(tmp_path / "project")
    path.write_text(path.read_text().replace("      MemorySize: 128\n      Timeout: 5\n", "", 1))

    (backend,) = [plan for plan in Blueprint(path, PARAMETERS, "tiny").functions() if plan.logical_id == "BackendFunction"]

    assert (backend.timeout_seconds, backend.memory_mb) == (3, 128)


def test_a_date_without_quotes_is_a_string_as_in_cloudformation(tmp_path: Path) -> None:
    path = tiny_project(tmp_path / "project")
    path.write_text(path.read_text().replace('Version: "2012-10-17"', "Version: 2012-10-17"))

    roles = Blueprint(path, PARAMETERS, "tiny").of_type("AWS::IAM::Role")

    assert roles["StreamRole"]["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"


def test_a_resource_that_only_aws_makes_may_refer_to_what_only_aws_can_resolve(tmp_path: Path) -> None:
    path = tiny_project(tmp_path / "project")
    own = "  Own: { Type: Custom::Own, Properties: { ServiceToken: x } }\n"
    topic = "  Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: !GetAtt Own.Name, DisplayName: !ImportValue x } }\n"
    path.write_text(path.read_text() + own + topic)

    blueprint = Blueprint(path, PARAMETERS, "tiny")

    assert blueprint.name("Topic") == "Topic"


def test_a_secrets_arn_is_known_once_the_secret_is_made(tmp_path: Path) -> None:
    blueprint = Blueprint(tiny_project(tmp_path / "project"), PARAMETERS, "tiny")

    blueprint.learn("UserHashSecret", "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf")

    (backend,) = [plan for plan in blueprint.functions() if plan.logical_id == "BackendFunction"]
    assert backend.environment["SECRET"].endswith(":secret:x-AbCdEf")
    assert backend.environment["BUCKET"] == "tiny-data-bucket"
    assert backend.environment["INFERENCE"] == "tiny-inference-function:live"
