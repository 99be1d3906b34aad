"""Which code may import which, read from the imports themselves.

Each function is built as ports and adapters: the logic in the middle defines its ports (Protocols), adapters implement them
(HTTP, DynamoDB, ONNX, …), and entry points wire the two together. So imports go one way: entry points → adapters → logic.
"""

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
    "tools": {"fieldwise_common", "fieldwise_backend", "fieldwise_inference", "fieldwise_training"},
}
LOCAL_MAY_KNOW_OF_TRAINING = "fieldwise_training.progress"
"""Progress is shown the same way by every command line. Everything else about training is the template's and the workflow's."""

ADAPTERS = {"fieldwise_backend": {"adapters"}, "fieldwise_inference": {"serving"}, "fieldwise_training": set[str]()}
"""Training's adapters are the store's, in the common layer."""
ENTRY_POINTS = {
    "fieldwise_backend": {"handler", "app", "routes", "web", "dependencies", "settings"},
    "fieldwise_inference": {"handler", "app", "routes", "http_event", "dependencies", "settings", "health"},
    "fieldwise_training": {"handler", "__main__", "cli", "run", "steps", "workflow"},
}
"""What wires logic and adapters together. Every module or folder that is in neither table is logic."""

OUTER_WORLD = {"fastapi", "starlette", "mangum", "boto3", "botocore", "os", "httpx"}
TRAINING_ONLY = {"torch", "transformers", "sentence_transformers", "sklearn", "onnx", "onnxscript"}
NEVER = {"pickle", "shelve", "joblib"}


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, at the top or in a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def parts(package: str) -> set[str]:
    """The modules and folders directly in a package."""
    return {path.stem for path in PACKAGES[package].iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()} - {"__init__"}


def files(package: str, part: str) -> list[Path]:
    """The files of a module or folder directly in a package."""
    return [*PACKAGES[package].glob(f"{part}.py"), *(PACKAGES[package] / part).rglob("*.py")]


def imports_of(package: str, part: str, others: set[str]) -> list[tuple[str, str]]:
    """Where a part of a package imports one of `others`, by file and module."""
    found = ((path.name, module) for path in files(package, part) for module in imported(path))
    return [(name, module) for name, module in found if module.startswith(f"{package}.") and module.split(".")[1] in others]


LOGIC = [(package, part) for package in ENTRY_POINTS for part in sorted(parts(package) - ADAPTERS[package] - ENTRY_POINTS[package])]


def tops(package: str) -> set[str]:
    return {module.partition(".")[0] for path in PACKAGES[package].rglob("*.py") for module in imported(path)}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_one_way(package: str) -> None:
    assert tops(package) & set(PACKAGES) - {package} <= MAY_IMPORT[package]


def test_the_local_stack_imports_nothing_of_training_but_the_display_of_progress() -> None:
    modules = {module for path in PACKAGES["local"].rglob("*.py") for module in imported(path) if module.startswith("fieldwise_training")}

    assert modules
    assert all(module.startswith(LOCAL_MAY_KNOW_OF_TRAINING) for module in modules)


@pytest.mark.parametrize("package", ["fieldwise_common", "fieldwise_backend", "fieldwise_inference", "local"])
def test_only_training_imports_training_libraries(package: str) -> None:
    assert not tops(package) & TRAINING_ONLY


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_ever_unpickled(package: str) -> None:
    assert not tops(package) & NEVER


@pytest.mark.parametrize("folder", ["functions", "layers"])
def test_deployed_code_does_not_mention_the_embedded_aws(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".txt", ".in", ".toml", ""} and path.is_file()]

    assert [path for path in files if re.search(r"\bmoto\b", path.read_text("utf-8"))] == []


@pytest.mark.parametrize(("package", "part"), LOGIC)
def test_logic_imports_neither_adapters_nor_entry_points(package: str, part: str) -> None:
    assert imports_of(package, part, ADAPTERS[package] | ENTRY_POINTS[package]) == []


@pytest.mark.parametrize(("package", "part"), [(package, part) for package, found in ADAPTERS.items() for part in found])
def test_adapters_import_no_entry_points(package: str, part: str) -> None:
    assert files(package, part)
    assert imports_of(package, part, ENTRY_POINTS[package]) == []


@pytest.mark.parametrize(
    "part",
    [
        *(("fieldwise_backend", part) for part in ("autofill", "flatten", "profile")),
        *(("fieldwise_inference", part) for part in ("classify", "fill")),
        *(("fieldwise_training", part) for part in ("evaluation", "feedback", "index", "ranker")),
    ],
)
def test_every_logic_package_is_covered(part: tuple[str, str]) -> None:
    assert part in LOGIC


@pytest.mark.parametrize("package", ["fieldwise_backend", "fieldwise_inference", "fieldwise_training"])
def test_nothing_imports_a_handler(package: str) -> None:
    handler = f"{package}.handler"

    assert [path for path in PACKAGES[package].rglob("*.py") if handler in imported(path)] == []


@pytest.mark.parametrize(("package", "part"), [found for found in LOGIC if found[0] != "fieldwise_training"])
def test_logic_that_serves_requests_knows_neither_http_nor_aws_nor_the_environment(package: str, part: str) -> None:
    known = {module.partition(".")[0] for path in files(package, part) for module in imported(path)}

    assert not known & OUTER_WORLD
