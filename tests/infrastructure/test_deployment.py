from collections.abc import Mapping
from typing import Any

import pytest
from tests.infrastructure.conftest import ROOT, blueprint_with

from local.refusal import Refusal
from local.template.blueprint import Blueprint
from local.template.load import load

GRADUAL = ("BackendFunction", "InferenceFunction")


def test_traffic_moves_gradually_unless_asked_otherwise(blueprint: Blueprint) -> None:
    def configurations(of: Blueprint) -> dict[str, str]:
        return {k: v["DeploymentConfigName"] for k, v in of.of_type("AWS::CodeDeploy::DeploymentGroup").items()}

    at_once = configurations(blueprint_with(Deployment="AllAtOnce"))

    assert set(configurations(blueprint).values()) == {"CodeDeployDefault.LambdaCanary10Percent5Minutes"}
    assert at_once == dict.fromkeys((f"{name}DeploymentGroup" for name in GRADUAL), "CodeDeployDefault.LambdaAllAtOnce")


def test_an_alarm_moves_it_back(blueprint: Blueprint) -> None:
    groups = blueprint.of_type("AWS::CodeDeploy::DeploymentGroup")

    watched = {k: {alarm["Name"] for alarm in v["AlarmConfiguration"]["Alarms"]} for k, v in groups.items()}

    assert watched == {
        "BackendFunctionDeploymentGroup": {"test-backend-errors", "test-server-errors"},
        "InferenceFunctionDeploymentGroup": {"test-inference-errors", "test-model-load-failed"},
    }
    assert all("DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"] for group in groups.values())
    assert {group["ServiceRoleArn"] for group in groups.values()} == {blueprint.arn("DeploymentRole")}


def test_a_fix_under_fire_waits_for_no_alarm() -> None:
    groups = blueprint_with(Deployment="AllAtOnce").of_type("AWS::CodeDeploy::DeploymentGroup")

    assert all(not group.get("AlarmConfiguration", {}).get("Alarms") for group in groups.values())


OTHER_VALUES = {
    "AuthIssuer": "https://other.example",
    "AuthAudience": "somebody",
    "AuthJwksUrl": "https://other.example/keys",
    "AllowedOrigins": "https://page.example",
    "UserPoolCallbackUrls": "https://other.example/",
    "RetrainSchedule": "rate(1 day)",
    "WarmUpSchedule": "rate(5 minutes)",
    "BaseModel": "other",
    "BackendReservedConcurrency": "7",
    "InferenceReservedConcurrency": "7",
    "TrainingReservedConcurrency": "7",
    "InferenceProvisionedConcurrency": "2",
    "AlarmEmail": "a@b.example",
    "RunbookUrl": "https://wiki.example",
    "DecisionRetentionDays": "400",
    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1b2c",
    "DecisionDatabaseName": "other",
    "PackageIndex": "https://packages.example",
}
"""For parameters that list no values of their own."""


def another_value(name: str, parameter: Mapping[str, Any]) -> dict[str, str]:
    if name == "CreateUserPool":
        return {name: "yes", "AuthIssuer": "", "AuthAudience": "none"}
    if name == "AllowCredentials":
        return {name: "yes", "AllowedOrigins": OTHER_VALUES["AllowedOrigins"]}
    values = [*parameter.get("AllowedValues", []), parameter.get("MinValue"), parameter.get("MaxValue"), OTHER_VALUES.get(name)]
    return {name: next(str(value) for value in values if value is not None and str(value) != str(parameter.get("Default")))}


@pytest.mark.parametrize("name", load(ROOT / "template.yaml")["Parameters"])
def test_a_parameter_that_changes_a_function_makes_a_new_version_of_it_and_no_other_does(blueprint: Blueprint, name: str) -> None:
    other = blueprint_with(**another_value(name, blueprint.template["Parameters"][name]))

    def configurations(of: Blueprint) -> dict[str, object]:
        functions = of.of_type("AWS::Lambda::Function")
        return {f: {k: v for k, v in functions[f].items() if k != "ReservedConcurrentExecutions"} for f in GRADUAL}  # not a version's

    def descriptions(of: Blueprint) -> dict[str, object]:
        versions = of.of_type("AWS::Lambda::Version").values()
        return {version["FunctionName"]: version["Description"] for version in versions}

    changed = {blueprint.name(f) for f in GRADUAL if configurations(blueprint)[f] != configurations(other)[f]}
    described = {function for function, text in descriptions(other).items() if text != descriptions(blueprint)[function]}

    assert described == changed
    assert all(len(str(text)) <= 256 for text in descriptions(other).values())


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_a_version_says_which_architecture_it_is_for(architecture: str) -> None:
    versions = blueprint_with(Architecture=architecture).of_type("AWS::Lambda::Version").values()

    assert [version["Description"].split()[0] for version in versions] == [architecture] * len(GRADUAL)


@pytest.mark.parametrize("function", GRADUAL)
def test_an_alias_is_moved_by_its_deployment_group(blueprint: Blueprint, function: str) -> None:
    alias = blueprint.template["Resources"][f"{function}Aliaslive"]

    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {"Ref": f"{function}DeploymentGroup"}


def test_provisioned_copies_are_on_the_published_version_and_only_if_asked_for(blueprint: Blueprint) -> None:
    def copies(of: Blueprint) -> dict[str, object]:
        return {k: v.get("ProvisionedConcurrencyConfig") for k, v in of.of_type("AWS::Lambda::Alias").items()}

    asked = copies(blueprint_with(InferenceProvisionedConcurrency="2"))

    assert set(copies(blueprint).values()) == {None}
    assert asked == {"BackendFunctionAliaslive": None, "InferenceFunctionAliaslive": {"ProvisionedConcurrentExecutions": "2"}}


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"SnapStart": "on", "InferenceProvisionedConcurrency": "2"}, "exclude each other"),
        ({"AllowCredentials": "yes", "AllowedOrigins": "*"}, "name the origins"),
        ({"AuthIssuer": ""}, "Give AuthIssuer"),
        ({"AuthAudience": "none"}, "Give AuthAudience"),
        ({"CreateUserPool": "yes"}, "CreateUserPool makes the issuer"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused_before_anything_is_made(parameters: dict[str, str], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        blueprint_with(**parameters)


def test_either_way_to_start_fast_is_accepted_alone() -> None:
    assert blueprint_with(SnapStart="on")
    assert blueprint_with(InferenceProvisionedConcurrency="2")
