import re
from collections.abc import Mapping

import pytest
from tests.infrastructure.conftest import ROOT, blueprint_sized, blueprint_with

from fieldwise_backend.settings import BackendSettings
from fieldwise_common.errors import SettingsError
from fieldwise_common.settings import FunctionSettings, load_settings
from fieldwise_inference.settings import InferenceSettings
from fieldwise_training.settings import TrainingSettings
from local.runtime.task_root import lay_out
from local.template.blueprint import Blueprint
from local.template.function_plan import FunctionPlan
from local.template.load import load
from local.template.source import ImageSource, ZipSource

FUNCTIONS = ("BackendFunction", "InferenceFunction", "TrainingFunction")
OBSERVABILITY = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
RUNTIME = {"PYTHONPATH"}
"""Read by Python itself."""
NOT_ON_AWS = {"ML_SERVICE_RELOAD_TOKEN"}
SET_BY_LAMBDA = {"AWS_LAMBDA_RUNTIME_API"}
"""For running outside AWS: on AWS the reload is an Invoke, which IAM authorizes."""
MOST_PARAMETERS = 29
"""`sam deploy --guided` asks for every parameter, one by one: numbers are rows of the table `Sizes` instead."""


def plans(blueprint: Blueprint) -> Mapping[str, FunctionPlan]:
    return {plan.logical_id: plan for plan in blueprint.functions()}


def test_there_are_three_functions(blueprint: Blueprint) -> None:
    functions = blueprint.of_type("AWS::Lambda::Function")

    assert set(functions) == set(FUNCTIONS)
    assert functions["BackendFunction"]["Runtime"] == "python3.13"


@pytest.mark.parametrize(("parameters", "architecture"), [({}, "x86_64"), ({"Architecture": "arm64"}, "arm64")])
def test_functions_and_layer_are_for_the_one_given_architecture(parameters: dict[str, str], architecture: str) -> None:
    asked = blueprint_with(**parameters)

    functions = {k: v["Architectures"] for k, v in asked.of_type("AWS::Lambda::Function").items()}
    layers = [v["CompatibleArchitectures"] for v in asked.of_type("AWS::Lambda::LayerVersion").values()]

    assert functions == {name: [architecture] for name in FUNCTIONS}
    assert layers == [[architecture]]


def test_the_layer_is_built_for_its_declared_architecture() -> None:
    layer = load(ROOT / "template.yaml")["Resources"]["CommonLayer"]

    assert layer["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}
    assert layer["Properties"]["CompatibleArchitectures"] == [{"Ref": "Architecture"}]


@pytest.mark.parametrize(
    ("logical_id", "settings"),
    [("BackendFunction", BackendSettings), ("InferenceFunction", InferenceSettings), ("TrainingFunction", TrainingSettings)],
)
def test_a_functions_environment_is_what_its_settings_read(blueprint: Blueprint, logical_id: str, settings: type[FunctionSettings]) -> None:
    environment = plans(blueprint)[logical_id].environment

    assert set(environment) - OBSERVABILITY - RUNTIME == {name.upper() for name in settings.model_fields} - NOT_ON_AWS - SET_BY_LAMBDA
    assert set(environment) >= OBSERVABILITY


@pytest.mark.parametrize(
    ("logical_id", "settings"),
    [("BackendFunction", BackendSettings), ("InferenceFunction", InferenceSettings), ("TrainingFunction", TrainingSettings)],
)
def test_a_functions_settings_accept_the_templates_values(
    blueprint: Blueprint, logical_id: str, settings: type[FunctionSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in plans(blueprint)[logical_id].environment.items():
        monkeypatch.setenv(name, value)

    assert load_settings(settings)


NUMBERS = ("", *"0 0.0 0.00 .000001 0.005 0.02 .5 0.50 0.51 0.92 1 1.0 1.1 -0.1".split())


@pytest.mark.parametrize("name", ["WrongFillBudget", "LexThreshold"])
def test_a_deployment_accepts_the_numbers_that_the_training_accepts(
    blueprint: Blueprint, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a wrong one would show only in the next training, or one that a stack has would stop its upgrade."""
    pattern = blueprint.template["Parameters"][name]["AllowedPattern"]
    key = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    monkeypatch.setenv("MODEL_STORE", "s3://bucket/models")

    def is_accepted(number: str) -> bool:
        monkeypatch.setenv(key, number)
        try:
            return bool(load_settings(TrainingSettings))
        except SettingsError:
            return False

    assert [number for number in NUMBERS if re.search(pattern, number)] == [number for number in NUMBERS if is_accepted(number)]


def test_inference_is_reached_by_its_published_version(blueprint: Blueprint) -> None:
    environments = {logical_id: plan.environment for logical_id, plan in plans(blueprint).items()}

    assert environments["BackendFunction"]["ML_SERVICE_URL"] == "lambda:///test-inference-function:live"
    assert environments["TrainingFunction"]["ML_SERVICE_RELOAD_URL"] == "lambda:///test-inference-function:live"
    assert plans(blueprint)["InferenceFunction"].aliases == {"live"}


def test_concurrency_is_reserved_only_when_a_number_is_given(blueprint: Blueprint) -> None:
    reserving = blueprint_sized(BackendReservedConcurrency="20", InferenceReservedConcurrency="10", TrainingReservedConcurrency="2")

    unset = [properties.get("ReservedConcurrentExecutions") for properties in blueprint.of_type("AWS::Lambda::Function").values()]
    given = {k: v["ReservedConcurrentExecutions"] for k, v in reserving.of_type("AWS::Lambda::Function").items()}

    assert unset == [None, None, None]
    assert given == {"BackendFunction": 20, "InferenceFunction": 10, "TrainingFunction": 2}


def test_snapshots_are_a_parameter_and_off_by_default(blueprint: Blueprint) -> None:
    def applied(of: Blueprint) -> dict[str, str]:
        return {k: v["SnapStart"]["ApplyOn"] for k, v in of.of_type("AWS::Lambda::Function").items() if "SnapStart" in v}

    assert applied(blueprint) == {"BackendFunction": "None", "InferenceFunction": "None"}
    assert applied(blueprint_with(FastStart="snapstart")) == dict.fromkeys(("BackendFunction", "InferenceFunction"), "PublishedVersions")
    assert applied(blueprint_with(FastStart="provisioned")) == applied(blueprint)


def test_every_parameter_has_a_description_and_constraints(blueprint: Blueprint) -> None:
    constraints = {"AllowedPattern", "AllowedValues", "MinValue", "MaxLength"}

    vague = [
        name
        for name, parameter in blueprint.template["Parameters"].items()
        if not parameter.get("Description") or not (constraints & set(parameter) or parameter["Type"] == "CommaDelimitedList")
    ]

    assert vague == []


def test_the_console_groups_every_parameter_once(blueprint: Blueprint) -> None:
    groups = blueprint.template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(blueprint.template["Parameters"])


def test_sam_deploy_guided_asks_for_few_parameters(blueprint: Blueprint) -> None:
    assert len(blueprint.template["Parameters"]) <= MOST_PARAMETERS


def test_a_zip_function_takes_the_shared_package_from_the_layer(blueprint: Blueprint) -> None:
    source = plans(blueprint)["BackendFunction"].source

    assert source == ZipSource("fieldwise_backend.handler.lambda_handler", ROOT / "functions/backend", (ROOT / "layers/common/python",))
    assert (ROOT / "layers/common/python/fieldwise_common/__init__.py").is_file()


@pytest.mark.parametrize(
    ("logical_id", "packages"),
    [
        ("InferenceFunction", {"fieldwise_common", "fieldwise_inference"}),
        ("TrainingFunction", {"fieldwise_common", "fieldwise_inference", "fieldwise_training"}),
    ],
)
def test_an_image_copies_the_packages_its_function_imports_and_no_others(
    blueprint: Blueprint, logical_id: str, packages: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = plans(blueprint)[logical_id].source
    assert isinstance(source, ImageSource)

    task = lay_out(source, tmp_path_factory.mktemp(logical_id))

    copied = {path.name for path in task.folder.iterdir() if path.name.startswith("fieldwise_")}
    assert copied == packages
    assert task.handler.endswith(".handler.lambda_handler")


def test_the_docker_context_leaves_out_everything_no_image_copies() -> None:
    kept = {line[1:].strip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    copied = {
        word.strip("/")
        for name in ("inference", "training")
        for line in (ROOT / f"functions/{name}/Dockerfile").read_text().splitlines()
        if line.startswith("COPY")
        for word in line.split()[1:-1]
    }

    assert copied
    assert all(any(path == folder or path.startswith(f"{folder}/") for folder in kept) for path in copied)
