"""The template as SAM translates it, with every reference resolved."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.template.blueprint import Blueprint
from local.template.load import load

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
PARAMETERS = {"AuthIssuer": "https://issuer.example", "AuthAudience": "fieldwise"}
SIZES: Mapping[str, Mapping[str, object]] = load(TEMPLATE)["Mappings"]["Sizes"]
"""The table Sizes: by row, then by size."""


def blueprint_with(**parameters: str) -> Blueprint:
    return Blueprint(TEMPLATE, {**PARAMETERS, **parameters}, "test")


@cache
def blueprint_sized(fast_start: str = "off", **numbers: str) -> Blueprint:
    """With `Size=custom`, after an edit of that column of the table Sizes."""
    text = TEMPLATE.read_text("utf-8")
    for row, number in numbers.items():
        text, edits = re.subn(rf"^(    {row}: {{.* custom: )[\w.]+( }})", rf"\g<1>{number}\g<2>", text, flags=re.MULTILINE)
        assert edits == 1, row
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.yaml"
        path.write_text(text, "utf-8")
        return Blueprint(path, {**PARAMETERS, "FastStart": fast_start, "Size": "custom"}, "test", ROOT)


@pytest.fixture(scope="session")
def blueprint() -> Blueprint:
    return blueprint_with()
