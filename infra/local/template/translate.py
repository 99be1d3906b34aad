"""The template as CloudFormation would get it, by the SAM translator itself, without the network."""

import copy
import logging
import os
import re
from collections.abc import Mapping
from typing import Any

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

from local.refusal import Refusal, reading
from local.template.load import Template, resources_of

REGION = "us-east-1"
UPLOADED = "s3://local/not-uploaded"
"""Stands for the address that `sam deploy` would upload code to: the translator takes no local path."""


class _NoManagedPolicies:
    """The translator looks up AWS's managed policies by name; the template uses none."""

    def load(self) -> dict[str, str]:
        return {}


def translate(template: Template, parameters: Mapping[str, str]) -> Template:
    """SAM to CloudFormation. `template` is not changed; intrinsic functions stay unresolved.

    Raises Refusal with the translator's own message when the template is wrong.
    """
    uploaded = copy.deepcopy(template)
    for _, resource in resources_of(uploaded, "AWS::Serverless::Function"):
        is_image = resource["Properties"].get("PackageType") == "Image"
        resource["Properties"]["ImageUri" if is_image else "CodeUri"] = "local/image:latest" if is_image else UPLOADED
    for _, resource in resources_of(uploaded, "AWS::Serverless::LayerVersion"):
        resource["Properties"]["ContentUri"] = UPLOADED
    for _, resource in resources_of(uploaded, "AWS::Serverless::StateMachine"):
        resource["Properties"]["DefinitionUri"] = UPLOADED
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)  # the translator needs one to find its partition
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    try:
        translated: Template = transform(uploaded, dict(parameters), _NoManagedPolicies())
    except InvalidDocumentException as error:
        raise Refusal(f"the template is wrong: {error.message} {'; '.join(str(cause.message) for cause in error.causes)}") from error
    return translated


def parameter_values(template: Template, given: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter's value: the given one, else its default; lists are split at commas.

    Raises Refusal for a parameter without a value, an unknown one, and a value its constraints forbid.
    """
    if unknown := given.keys() - template.get("Parameters", {}).keys():
        raise Refusal(f"the template has no parameter {', '.join(sorted(unknown))}: see its section Parameters")
    values: dict[str, Any] = {}
    for name, parameter in template.get("Parameters", {}).items():
        if name not in given and "Default" not in parameter:
            raise Refusal(f"the template's parameter {name} has no value: give one with --parameter {name}=…")
        value = str(given.get(name, parameter.get("Default")))
        with reading("Parameters", name):
            is_allowed = _is_allowed(value, parameter)
        if not is_allowed:
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
    """The constraint in words, for a parameter without a ConstraintDescription."""
    if "AllowedValues" in parameter:
        return f"must be one of {', '.join(map(str, parameter['AllowedValues']))}"
    bounds = [f"{word} {parameter[key]}" for key, word in (("MinValue", "at least"), ("MaxValue", "at most")) if key in parameter]
    lengths = [
        f"{word} {parameter[key]} characters long"
        for key, word in (("MinLength", "at least"), ("MaxLength", "at most"))
        if key in parameter
    ]
    is_number = ["a number"] if parameter["Type"] == "Number" else []
    pattern = [f"matching {parameter['AllowedPattern']}"] if "AllowedPattern" in parameter else []
    return f"must be {', '.join([*is_number, *bounds, *lengths, *pattern])}"
