"""Each function's requirements.in lists what its code imports, and nothing else."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import pytest
from tests.infrastructure.conftest import ROOT
from tests.infrastructure.test_imports import PACKAGES, tops

REQUIREMENTS = {
    "fieldwise_common": "layers/common/requirements.in",
    "fieldwise_backend": "functions/backend/requirements.in",
    "fieldwise_inference": "functions/inference/requirements.in",
}
NEED_NOT_BE_LISTED = {"botocore", "pydantic-core", "starlette", "fastapi"}
"""boto3 brings botocore, pydantic its core, fastapi starlette; `fieldwise_common.web` is imported only by functions that list fastapi."""


def required(path: str) -> Iterator[str]:
    return (match.lower() for match in re.findall(r"^([a-zA-Z][\w-]*)", (ROOT / path).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("package", REQUIREMENTS)
def test_requirements_and_imports_agree(package: str) -> None:
    listed = set(required(REQUIREMENTS[package]))
    of_layer = set(required(REQUIREMENTS["fieldwise_common"]))
    distributions = packages_distributions()
    third_party = tops(package) - set(PACKAGES) - set(sys.stdlib_module_names)

    imported = {distribution.lower().replace("_", "-") for module in third_party for distribution in distributions[module]}

    assert imported - listed - of_layer - NEED_NOT_BE_LISTED == set(), "imported, but not required"
    assert listed - imported == set(), "required, but not imported"
