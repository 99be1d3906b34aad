"""Reads `template.yaml`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from local.refusal import Refusal

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as CloudFormation reads it: tags are intrinsic functions, dates are strings."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)


def load(path: Path) -> Template:
    """The template as nested data, with its intrinsic functions in their long form.

    Raises Refusal when the file can't be read, is not YAML, or has no resources.
    """
    try:
        template: Template = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 a SafeLoader
    except OSError as error:
        raise Refusal(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise Refusal(f"{path} is not YAML: {_problem(error)}") from error
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not (isinstance(resources, dict) and resources):
        raise Refusal(f"{path} has no Resources: a template maps each resource's name to its Type and Properties")
    return template


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {error.problem}" if mark else " ".join(str(error).split())


def resources_of(template: Template, resource_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and body of every resource of a type."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == resource_type:
            yield logical_id, resource
