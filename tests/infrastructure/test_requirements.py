"""Each package's requirements.in against its imports."""

import re
import sys
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from tests.infrastructure.conftest import ROOT
from tests.infrastructure.test_imports import PACKAGES, tops

REQUIREMENTS = {
    "fieldwise_common": ROOT / "layers/common/requirements.in",
    "fieldwise_backend": ROOT / "functions/backend/requirements.in",
    "fieldwise_inference": ROOT / "functions/inference/requirements.in",
    "fieldwise_training": ROOT / "functions/training/requirements.in",
}
COMES_WITH = {"botocore": "boto3", "markupsafe": "jinja2", "pydantic-core": "pydantic", "starlette": "fastapi", "urllib3": "boto3"}
"""Imported, but pinned by the distribution that depends on it."""
LISTED_ELSEWHERE = {
    "fieldwise_common": {"httpx"},  # `lambda_transport` is for the functions that call inference, and they list it
}
NOT_IMPORTED = {"onnxscript", "accelerate"}
"""Used by torch's ONNX exporter, and by the trainer of sentence-transformers."""
INSTALLED_APART = {"torch"}
"""Not among the compiled pins: the CPU build has an index of its own."""
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[[\w,]+\])?==(?P<version>[\w.]+)(?P<marker> ; [^#]+?)? *# \w.*")


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def own_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith(("#", "-r "))]


def listed(path: Path) -> set[str]:
    """The distributions of a requirements.in and of those it includes."""
    included = [path.parent / line.removeprefix("-r ") for line in path.read_text().splitlines() if line.startswith("-r ")]
    own = {normalised(re.split(r"[=\[]", line)[0]) for line in own_lines(path)}
    return own.union(*map(listed, included))


def imported_distributions(package: str, distributions: Mapping[str, list[str]]) -> set[str]:
    third_party = tops(package) - set(sys.stdlib_module_names) - set(PACKAGES)
    names = {normalised(distribution) for module in third_party for distribution in distributions[module]}
    return {COMES_WITH.get(name, name) for name in names}


@pytest.fixture(scope="module")
def distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


@pytest.mark.parametrize("package", REQUIREMENTS)
def test_what_a_package_imports_is_listed(package: str, distributions: Mapping[str, list[str]]) -> None:
    missing = imported_distributions(package, distributions) - listed(REQUIREMENTS[package])

    assert missing - LISTED_ELSEWHERE.get(package, set()) == set()


@pytest.mark.parametrize("package", REQUIREMENTS)
def test_what_is_listed_is_imported(package: str, distributions: Mapping[str, list[str]]) -> None:
    own = {normalised(re.split(r"[=\[]", line)[0]) for line in own_lines(REQUIREMENTS[package])}

    assert own - imported_distributions(package, distributions) - NOT_IMPORTED == set()


@pytest.mark.parametrize("package", REQUIREMENTS)
def test_every_requirement_is_pinned_and_has_a_reason(package: str) -> None:
    assert [line for line in own_lines(REQUIREMENTS[package]) if not REQUIREMENT.fullmatch(line)] == []


@pytest.mark.parametrize("package", [package for package in REQUIREMENTS if package != "fieldwise_common"])
def test_the_compiled_pins_are_those_of_the_requirements(package: str) -> None:
    path = REQUIREMENTS[package]
    compiled = {line.partition(" ;")[0] for line in path.with_suffix(".txt").read_text().splitlines()}

    pins = {
        f"{pin['name']}=={pin['version']}" for pin in map(REQUIREMENT.match, own_lines(path)) if pin and pin["name"] not in INSTALLED_APART
    }

    assert pins - compiled == set()
