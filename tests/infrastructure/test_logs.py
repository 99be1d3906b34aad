import pytest
from tests.infrastructure.conftest import blueprint_with

from local.template.blueprint import Blueprint

OWN_GROUP = {"BackendFunction": "BackendLogs", "InferenceFunction": "InferenceLogs", "TrainingFunction": "TrainingLogs"}


def test_every_log_group_has_the_given_retention() -> None:
    groups = blueprint_with(LogRetentionDays="14").of_type("AWS::Logs::LogGroup")

    assert {str(properties["RetentionInDays"]) for properties in groups.values()} == {"14"}


@pytest.mark.parametrize(("function", "group"), OWN_GROUP.items())
def test_each_function_has_its_own_log_group(blueprint: Blueprint, function: str, group: str) -> None:
    assert blueprint.of_type("AWS::Lambda::Function")[function]["LoggingConfig"]["LogGroup"] == blueprint.name(group)


def test_no_two_groups_share_a_name(blueprint: Blueprint) -> None:
    names = [properties["LogGroupName"] for properties in blueprint.of_type("AWS::Logs::LogGroup").values()]

    assert len(names) == len(set(names)) == 6


def test_the_state_machine_logs_every_event_and_is_traced(blueprint: Blueprint) -> None:
    (machine,) = blueprint.of_type("AWS::StepFunctions::StateMachine").values()

    logging = machine["LoggingConfiguration"]
    assert logging["Level"] == "ALL"
    assert logging["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"] == blueprint.arn("TrainingExecutionLogs")
    assert machine["TracingConfiguration"] == {"Enabled": True}


def test_functions_are_traced(blueprint: Blueprint) -> None:
    assert all(p["TracingConfig"] == {"Mode": "Active"} for p in blueprint.of_type("AWS::Lambda::Function").values())
