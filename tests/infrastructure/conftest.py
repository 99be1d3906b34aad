"""The template as SAM translates it, with every reference resolved."""

from pathlib import Path

import pytest

from local.template.blueprint import Blueprint

ROOT = Path(__file__).parents[2]
PARAMETERS = {"AuthIssuer": "https://issuer.example", "AuthAudience": "fieldwise"}


def blueprint_with(**parameters: str) -> Blueprint:
    return Blueprint(ROOT / "template.yaml", {**PARAMETERS, **parameters}, "test")


@pytest.fixture(scope="session")
def blueprint() -> Blueprint:
    return blueprint_with()
