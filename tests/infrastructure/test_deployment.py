import pytest
from tests.infrastructure.conftest import blueprint_with

from local.refusal import Refusal
from local.template.blueprint import Blueprint

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
    ],
)
def test_parameters_that_contradict_each_other_are_refused_before_anything_is_made(parameters: dict[str, str], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        blueprint_with(**parameters)


def test_either_way_to_start_fast_is_accepted_alone() -> None:
    assert blueprint_with(SnapStart="on")
    assert blueprint_with(InferenceProvisionedConcurrency="2")
