"""Which code may know which: by the imports themselves."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.infrastructure.conftest import ROOT

PACKAGES = {
    "fieldwise_common": ROOT / "layers/common/python/fieldwise_common",
    "fieldwise_backend": ROOT / "functions/backend/fieldwise_backend",
    "fieldwise_inference": ROOT / "functions/inference/fieldwise_inference",
    "fieldwise_training": ROOT / "functions/training/fieldwise_training",
    "local": ROOT / "infra/local",
    "tools": ROOT / "tools",
}
MAY_IMPORT = {
    "fieldwise_common": set(),
    "fieldwise_backend": {"fieldwise_common"},
    "fieldwise_inference": {"fieldwise_common"},
    "fieldwise_training": {"fieldwise_common", "fieldwise_inference"},
    "local": {"fieldwise_common", "fieldwise_training"},
    "tools": {"fieldwise_common", "fieldwise_backend"},
}
LOCAL_KNOWS_OF_TRAINING = "fieldwise_training.progress"
"""How far a step is looks the same from every command line; of what training does the local stack knows nothing."""
TRAINING_ONLY = {"torch", "transformers", "sentence_transformers", "sklearn", "matplotlib", "onnx", "onnxscript"}
NEVER = {"pickle", "shelve", "joblib"}


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def tops(package: str) -> set[str]:
    return {module.partition(".")[0] for path in PACKAGES[package].rglob("*.py") for module in imported(path)}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_one_way(package: str) -> None:
    assert tops(package) & set(PACKAGES) - {package} <= MAY_IMPORT[package]


def test_the_local_stack_knows_of_training_only_how_its_progress_is_shown() -> None:
    modules = {module for path in PACKAGES["local"].rglob("*.py") for module in imported(path) if module.startswith("fieldwise_training")}

    assert modules
    assert all(module.startswith(LOCAL_KNOWS_OF_TRAINING) for module in modules)


@pytest.mark.parametrize("package", ["fieldwise_common", "fieldwise_backend", "fieldwise_inference", "local"])
def test_what_serves_knows_nothing_that_only_training_has(package: str) -> None:
    assert not tops(package) & TRAINING_ONLY


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_ever_unpickled(package: str) -> None:
    assert not tops(package) & NEVER


@pytest.mark.parametrize("folder", ["functions", "layers"])
def test_what_is_deployed_does_not_know_the_embedded_aws(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".txt", ".in", ".toml", ""} and path.is_file()]

    assert [path for path in files if re.search(r"\bmoto\b", path.read_text("utf-8"))] == []


HTTP_LAYER = ("fieldwise_backend.handler", "fieldwise_backend.app", "fieldwise_backend.routes", "fieldwise_backend.dependencies", "fastapi")
ADAPTERS = ("fieldwise_backend.adapters", "boto3", "botocore", "httpx")


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [("adapters", HTTP_LAYER), *((logic, HTTP_LAYER + ADAPTERS) for logic in ("autofill", "flatten", "profile"))],
)
def test_a_layer_of_the_backend_imports_only_what_is_below_it(folder: str, forbidden: tuple[str, ...]) -> None:
    files = list((PACKAGES["fieldwise_backend"] / folder).rglob("*.py"))

    assert files
    assert [(path.name, module) for path in files for module in imported(path) if module.startswith(forbidden)] == []


@pytest.mark.parametrize("package", ["fieldwise_backend", "fieldwise_inference", "fieldwise_training"])
def test_nothing_imports_a_handler(package: str) -> None:
    handler = f"{package}.handler"

    assert [path for path in PACKAGES[package].rglob("*.py") if handler in imported(path)] == []


@pytest.mark.parametrize("folder", ["classify", "fill"])
def test_inferences_logic_knows_neither_http_nor_aws_nor_the_environment(folder: str) -> None:
    files = (PACKAGES["fieldwise_inference"] / folder).rglob("*.py")

    known = {module.partition(".")[0] for path in files for module in imported(path)}

    assert not known & {"fastapi", "starlette", "mangum", "boto3", "botocore", "os", "httpx", "pydantic_settings"}
