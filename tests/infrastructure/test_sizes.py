"""The table Sizes: a number per row and size, chosen by the parameter Size."""

import pytest
from tests.infrastructure.conftest import SIZES, TEMPLATE, blueprint_sized, blueprint_with

from local.template.blueprint import Blueprint

GATEWAY_SECONDS = 30
LAMBDA_MB, LAMBDA_SECONDS, LAMBDA_STORAGE_MB = range(128, 10241), range(1, 901), range(512, 10241)
COLUMNS = ("standard", "large", "patient", "custom")
DEFAULTS = {
    "BackendMemory": 1024,
    "InferenceMemory": 1769,
    "TrainingMemory": 3008,
    "TrainingStorage": 2048,
    "ContainerCpu": 4096,
    "ContainerMemory": 16384,
    "JobInstance": "ml.m5.xlarge",
    "InferenceAnswerSeconds": 5,
    "InferenceTimeout": 15,
    "BackendTimeout": 20,
    "TrainingTimeout": 900,
    "ModelPollSeconds": 60,
    "BackendReservedConcurrency": "none",
    "InferenceReservedConcurrency": "none",
    "TrainingReservedConcurrency": "none",
    "InferenceProvisionedConcurrency": 1,
    "LatencyAlarmMilliseconds": 3000,
    "StaleModelDays": 90,
}


def test_every_row_has_every_size_and_no_other() -> None:
    assert {row: tuple(columns) for row, columns in SIZES.items()} == dict.fromkeys(DEFAULTS, COLUMNS)


def test_the_sizes_are_those_a_deployer_can_choose(blueprint: Blueprint) -> None:
    parameter = blueprint.template["Parameters"]["Size"]

    assert (tuple(parameter["AllowedValues"]), parameter["Default"]) == (COLUMNS, "standard")


def test_the_default_size_is_for_a_new_account() -> None:
    assert {row: columns["standard"] for row, columns in SIZES.items()} == DEFAULTS


@pytest.mark.parametrize("size", COLUMNS)
def test_each_time_limit_ends_before_the_one_around_it(size: str) -> None:
    answer, inference, backend = (int(str(SIZES[row][size])) for row in ("InferenceAnswerSeconds", "InferenceTimeout", "BackendTimeout"))

    assert answer < inference < backend < GATEWAY_SECONDS


@pytest.mark.parametrize("size", COLUMNS)
def test_every_number_is_one_that_lambda_accepts(size: str) -> None:
    numbers = {row: columns[size] for row, columns in SIZES.items()}

    memories = {row: number for row, number in numbers.items() if row.endswith("Memory") and row != "ContainerMemory"}
    assert [row for row, number in memories.items() if number not in LAMBDA_MB] == []
    assert [row for row, number in numbers.items() if row.endswith("Timeout") and number not in LAMBDA_SECONDS] == []
    assert numbers["TrainingStorage"] in LAMBDA_STORAGE_MB
    assert [row for row, number in numbers.items() if row.endswith("ReservedConcurrency") and not _is_reserve(number)] == []


@pytest.mark.parametrize("size", COLUMNS)
def test_the_container_has_a_combination_of_cpu_and_memory_that_fargate_has(size: str) -> None:
    cpu, megabytes = (int(str(SIZES[row][size])) for row in ("ContainerCpu", "ContainerMemory"))

    least, most, step = {4096: (8192, 30720, 1024), 8192: (16384, 61440, 4096)}[cpu]
    assert megabytes in range(least, most + 1, step)


def _is_reserve(number: object) -> bool:
    return number == "none" or (isinstance(number, int) and number >= 0)


USED_BY = {
    **{row: f"{row.partition('Memory')[0]}Function" for row in ("BackendMemory", "InferenceMemory", "TrainingMemory")},
    **{row: f"{row.partition('Timeout')[0]}Function" for row in ("BackendTimeout", "InferenceTimeout", "TrainingTimeout")},
    **{row: f"{row.partition('Reserved')[0]}Function" for row in DEFAULTS if "Reserved" in row},
    "TrainingStorage": "TrainingFunction",
    **dict.fromkeys(("ContainerCpu", "ContainerMemory", "JobInstance"), "TrainingStateMachine"),
    "InferenceAnswerSeconds": "BackendFunction",
    "ModelPollSeconds": "InferenceFunction",
    "InferenceProvisionedConcurrency": "InferenceFunctionAliaslive",
    "LatencyAlarmMilliseconds": "LatencyAlarm",
    "StaleModelDays": "StaleModelAlarm",
}
"""The resource that uses each number."""


@pytest.mark.parametrize("row", DEFAULTS)
def test_an_edit_of_one_number_in_the_column_custom_reaches_the_resource_that_uses_it(row: str) -> None:
    fast_start = "provisioned" if row == "InferenceProvisionedConcurrency" else "off"

    before, after = resources_of(blueprint_sized(fast_start)), resources_of(blueprint_sized(fast_start, **{row: "7"}))

    assert USED_BY[row] in {name for name, properties in after.items() if properties != before[name]}


def resources_of(blueprint: Blueprint) -> dict[str, object]:
    types = ("AWS::Lambda::Function", "AWS::Lambda::Alias", "AWS::CloudWatch::Alarm", "AWS::StepFunctions::StateMachine")
    return {name: properties for kind in types for name, properties in blueprint.of_type(kind).items()}


def test_a_size_changes_all_its_numbers() -> None:
    large = blueprint_with(Size="large").of_type("AWS::Lambda::Function")

    assert {name: function["MemorySize"] for name, function in large.items()} == {
        f"{name}Function": SIZES[f"{name}Memory"]["large"] for name in ("Backend", "Inference", "Training")
    }


def test_the_table_is_described_where_it_is_edited() -> None:
    comments = TEMPLATE.read_text("utf-8").partition("\nMappings:\n")[2].partition("  Sizes:\n")[0]

    assert [size for size in COLUMNS if f"# {size} " not in comments] == []
