"""The documents' AWS commands, checked against botocore's description of each service."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from tests.infrastructure.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "docs/operations.md", ROOT / "docs/events.md", *sorted((ROOT / "docs/runbooks").glob("*.md"))]
ANYWHERE = {"query", "output", "cli-binary-format", "no-paginate", "max-items"}
"""Options of the AWS CLI itself."""
OF_THE_COMMAND_LINE = {
    "s3": {"rm": {"recursive"}, "cp": {"recursive", "sse", "sse-kms-key-id"}, "sync": set()},
    "configure": {"get": set()},
}
"""Commands of the AWS CLI that belong to no service, with the options the documents use."""
SESSION: Any = botocore.session.get_session()


def commands() -> list[tuple[str, str, str, frozenset[str]]]:
    """Page, service, operation (for `wait` with its waiter) and options of every `aws …` command in the documents."""
    found = []
    for page in PAGES:
        text = page.read_text("utf-8")
        blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL) + re.findall(r"(?<!`)`(aws [^`]+)`(?!`)", text)
        for line in (line for block in blocks for line in block.replace("\\\n", " ").splitlines()):
            unquoted = re.sub(r"'[^']*'", "''", line)
            for service, operation, rest in re.findall(r"\baws ([a-z0-9-]+) ((?:wait )?[a-z0-9-]+)([^|;&]*?)(?=\baws |[|;&]|$)", unquoted):
                found.append((page.name, service, operation, frozenset(re.findall(r"\s--([a-z][a-z0-9-]*)", rest))))
    return found


def spelled(names: Iterable[str]) -> set[str]:
    """Names from a service's description, as the AWS CLI spells them."""
    return {xform_name(name, "-") for name in names}


@cache
def operations_of(service: str) -> dict[str, set[str]]:
    """The options of each operation of a service."""
    model = SESSION.get_service_model(service)
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    return {xform_name(name, "-"): spelled(shape.members) if shape is not None else set() for name, shape in shapes.items()}


@pytest.mark.parametrize(("page", "service", "operation", "options"), commands())
def test_a_command_and_its_options_exist(page: str, service: str, operation: str, options: frozenset[str]) -> None:
    act, _, waiter = operation.partition(" ")
    if service in OF_THE_COMMAND_LINE:
        assert options <= OF_THE_COMMAND_LINE[service][act]
    elif waiter:
        assert waiter in spelled(SESSION.get_waiter_model(service).waiter_names)
    else:
        known = operations_of({"s3api": "s3"}.get(service, service))
        assert act in known
        assert options - ANYWHERE <= known[act]


def test_every_command_is_checked() -> None:
    shown = sum(len(re.findall(r"\baws [a-z0-9-]+ [a-z0-9-]+ -", page.read_text("utf-8"))) for page in PAGES)

    assert len(commands()) >= shown > 30
