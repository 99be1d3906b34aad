"""The template as CloudFormation would get it: the SAM translator's own answer, without the network."""

import copy
import logging
import os
import re
from collections.abc import Mapping
from typing import Any

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

from local.refusal import Refusal
from local.template.written import Template, resources_of

REGION = "us-east-1"
ELSEWHERE = "s3://local/not-uploaded"
"""Stands where `sam deploy` would put the place it uploaded to: the translator takes no local path."""


class _NoManagedPolicies:
    """The translator looks AWS's managed policies up by name; the template names none."""

    def load(self) -> dict[str, str]:
        return {}


def translate(template: Template, parameters: Mapping[str, str]) -> Template:
    """SAM to CloudFormation. `template` is left as it is; intrinsic functions stay unresolved.

    Raises Refusal with the translator's own words when the template is wrong.
    """
    uploaded = copy.deepcopy(template)
    for _, resource in resources_of(uploaded, "AWS::Serverless::Function"):
        is_image = resource["Properties"].get("PackageType") == "Image"
        resource["Properties"]["ImageUri" if is_image else "CodeUri"] = "local/image:latest" if is_image else ELSEWHERE
    for _, resource in resources_of(uploaded, "AWS::Serverless::LayerVersion"):
        resource["Properties"]["ContentUri"] = ELSEWHERE
    for _, resource in resources_of(uploaded, "AWS::Serverless::StateMachine"):
        resource["Properties"]["DefinitionUri"] = ELSEWHERE
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)  # the translator asks boto3 for the partition's region
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    try:
        translated: Template = transform(uploaded, dict(parameters), _NoManagedPolicies())
    except InvalidDocumentException as error:
        raise Refusal(f"the template is wrong: {error.message} {'; '.join(str(cause.message) for cause in error.causes)}") from error
    return translated


def parameter_values(template: Template, given: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter's value: as given, else its default; lists split at commas.

    Raises Refusal for one with neither, one that is not there, and one that its constraints forbid.
    """
    if unknown := given.keys() - template.get("Parameters", {}).keys():
        raise Refusal(f"the template has no parameter {', '.join(sorted(unknown))}: those it has are under its Parameters")
    values: dict[str, Any] = {}
    for name, parameter in template.get("Parameters", {}).items():
        if name not in given and "Default" not in parameter:
            raise Refusal(f"the template's parameter {name} has no value")
        value = str(given.get(name, parameter.get("Default")))
        if not _is_allowed(value, parameter):
            why = parameter.get("ConstraintDescription") or _constraint(parameter)
            raise Refusal(f"the template's parameter {name} can't be {value!r}: it {why}")
        is_list = parameter["Type"] == "CommaDelimitedList"
        values[name] = [part.strip() for part in value.split(",")] if is_list else value
    return values


def _is_allowed(value: str, parameter: Mapping[str, Any]) -> bool:
    """CloudFormation's own constraints; a list's pattern holds for each of its parts."""
    parts = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    matches = all(re.fullmatch(parameter.get("AllowedPattern", ".*"), part.strip(), re.DOTALL) for part in parts)
    is_listed = value in map(str, parameter.get("AllowedValues", [value]))
    is_long_enough = parameter.get("MinLength", 0) <= len(value) <= parameter.get("MaxLength", len(value))
    return matches and is_listed and is_long_enough and (parameter["Type"] != "Number" or _is_in_range(value, parameter))


def _is_in_range(value: str, parameter: Mapping[str, Any]) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return float(parameter.get("MinValue", number)) <= number <= float(parameter.get("MaxValue", number))


def _constraint(parameter: Mapping[str, Any]) -> str:
    """In words, for a parameter that has none of its own."""
    if "AllowedValues" in parameter:
        return f"must be one of {', '.join(map(str, parameter['AllowedValues']))}"
    bounds = [f"{word} {parameter[key]}" for key, word in (("MinValue", "at least"), ("MaxValue", "at most")) if key in parameter]
    lengths = [f"{word} {parameter[key]} long" for key, word in (("MinLength", "at least"), ("MaxLength", "at most")) if key in parameter]
    is_number = ["a number"] if parameter["Type"] == "Number" else []
    return f"must be {', '.join([*is_number, *bounds, *lengths]) or 'as ' + parameter.get('AllowedPattern', 'described')}"
