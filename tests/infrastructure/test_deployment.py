from collections.abc import Mapping
from typing import Any

import pytest
from tests.infrastructure.conftest import ROOT, SIZES, blueprint_sized, blueprint_with

from local.refusal import Refusal
from local.template.blueprint import Blueprint
from local.template.load import load

GRADUAL = ("BackendFunction", "InferenceFunction")


def test_traffic_shifts_gradually_by_default(blueprint: Blueprint) -> None:
    def configurations(of: Blueprint) -> dict[str, str]:
        return {k: v["DeploymentConfigName"] for k, v in of.of_type("AWS::CodeDeploy::DeploymentGroup").items()}

    at_once = configurations(blueprint_with(Deployment="AllAtOnce"))

    assert set(configurations(blueprint).values()) == {"CodeDeployDefault.LambdaCanary10Percent5Minutes"}
    assert at_once == dict.fromkeys((f"{name}DeploymentGroup" for name in GRADUAL), "CodeDeployDefault.LambdaAllAtOnce")


def test_an_alarm_rolls_the_shift_back(blueprint: Blueprint) -> None:
    groups = blueprint.of_type("AWS::CodeDeploy::DeploymentGroup")

    watched = {k: {alarm["Name"] for alarm in v["AlarmConfiguration"]["Alarms"]} for k, v in groups.items()}

    assert watched == {
        "BackendFunctionDeploymentGroup": {"test-backend-errors", "test-server-errors"},
        "InferenceFunctionDeploymentGroup": {"test-inference-errors", "test-model-load-failed"},
    }
    assert all("DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"] for group in groups.values())
    assert {group["ServiceRoleArn"] for group in groups.values()} == {blueprint.arn("DeploymentRole")}


def test_an_urgent_fix_waits_for_no_alarm() -> None:
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
    "WrongFillBudget": "0.02",
    "LexThreshold": "0.9",
    "BaseModel": "other",
    "AlarmEmail": "a@b.example",
    "RunbookUrl": "https://wiki.example",
    "DecisionRetentionDays": "400",
    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1b2c",
    "DecisionDatabaseName": "other",
    "PackageIndex": "https://packages.example",
    "TrainingContainers": "subnet-1a,subnet-2b",
}
"""For parameters without a list of allowed values."""


def another_value(name: str, parameter: Mapping[str, Any]) -> dict[str, str]:
    if name == "CreateUserPool":
        return {name: "yes", "AuthIssuer": "", "AuthAudience": "none"}
    if name == "AllowCredentials":
        return {name: "yes", "AllowedOrigins": OTHER_VALUES["AllowedOrigins"]}
    values = [*parameter.get("AllowedValues", []), parameter.get("MinValue"), parameter.get("MaxValue"), OTHER_VALUES.get(name)]
    return {name: next(str(value) for value in values if value is not None and str(value) != str(parameter.get("Default")))}


def configurations(blueprint: Blueprint) -> dict[str, object]:
    """What a version consists of; the reserved concurrency is the function's."""
    functions = blueprint.of_type("AWS::Lambda::Function")
    return {f: {k: v for k, v in functions[f].items() if k != "ReservedConcurrentExecutions"} for f in GRADUAL}


def descriptions(blueprint: Blueprint) -> dict[str, str]:
    versions = blueprint.of_type("AWS::Lambda::Version").values()
    return {version["FunctionName"]: str(version["Description"]) for version in versions}


def changed_functions(one: Blueprint, other: Blueprint) -> set[str]:
    return {one.name(f) for f in GRADUAL if configurations(one)[f] != configurations(other)[f]}


def new_versions(one: Blueprint, other: Blueprint) -> set[str]:
    """A version is published when its description changes."""
    assert all(len(text) <= 256 for text in descriptions(other).values())
    return {function for function, text in descriptions(other).items() if text != descriptions(one)[function]}


@pytest.mark.parametrize("name", load(ROOT / "template.yaml")["Parameters"])
def test_a_parameter_that_changes_a_function_publishes_a_new_version_of_it_and_no_other_does(blueprint: Blueprint, name: str) -> None:
    other = blueprint_with(**another_value(name, blueprint.template["Parameters"][name]))

    assert new_versions(blueprint, other) == changed_functions(blueprint, other)


@pytest.mark.parametrize("row", SIZES)
def test_a_number_of_a_size_that_changes_a_function_publishes_a_new_version_of_it_and_no_other_does(row: str) -> None:
    one, other = blueprint_sized(), blueprint_sized(**{row: "7"})

    assert new_versions(one, other) == changed_functions(one, other)


def test_provisioned_instances_alone_publish_no_new_version(blueprint: Blueprint) -> None:
    assert new_versions(blueprint, blueprint_with(FastStart="provisioned")) == set()


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_a_versions_description_starts_with_its_architecture(architecture: str) -> None:
    versions = blueprint_with(Architecture=architecture).of_type("AWS::Lambda::Version").values()

    assert [version["Description"].split()[0] for version in versions] == [architecture] * len(GRADUAL)


@pytest.mark.parametrize("function", GRADUAL)
def test_an_alias_is_moved_by_its_deployment_group(blueprint: Blueprint, function: str) -> None:
    alias = blueprint.template["Resources"][f"{function}Aliaslive"]

    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {"Ref": f"{function}DeploymentGroup"}


def test_provisioned_instances_are_on_the_published_version_and_off_by_default(blueprint: Blueprint) -> None:
    def copies(of: Blueprint) -> dict[str, object]:
        return {k: v.get("ProvisionedConcurrencyConfig") for k, v in of.of_type("AWS::Lambda::Alias").items()}

    one, two = copies(blueprint_with(FastStart="provisioned")), copies(blueprint_with(FastStart="provisioned", Size="large"))

    assert set(copies(blueprint).values()) == {None}
    assert one == {"BackendFunctionAliaslive": None, "InferenceFunctionAliaslive": {"ProvisionedConcurrentExecutions": 1}}
    assert two == {"BackendFunctionAliaslive": None, "InferenceFunctionAliaslive": {"ProvisionedConcurrentExecutions": 2}}


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"AllowCredentials": "yes", "AllowedOrigins": "*"}, "list the origins"),
        ({"AuthIssuer": ""}, "Set AuthIssuer"),
        ({"AuthAudience": "none"}, "Set AuthAudience"),
        ({"CreateUserPool": "yes"}, "the user pool is the issuer"),
        ({"TrainingContainers": "sagemaker", "Architecture": "arm64"}, "needs Architecture=x86_64"),
    ],
)
def test_contradicting_parameters_are_refused_before_anything_is_created(parameters: dict[str, str], reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        blueprint_with(**parameters)
