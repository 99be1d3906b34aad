"""The template as CloudFormation would get it: the SAM translator's own answer, without the network."""

import copy
import logging
import os
from collections.abc import Mapping
from typing import Any

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

from local.refusal import Refusal
from local.template.source import Template, resources_of

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
    """Every parameter's value: as given, else its default; lists split at commas. Raises Refusal for one with neither, or unknown."""
    if unknown := given.keys() - template.get("Parameters", {}).keys():
        raise Refusal(f"the template has no parameter {', '.join(sorted(unknown))}: those it has are under its Parameters")
    values: dict[str, Any] = {}
    for name, parameter in template.get("Parameters", {}).items():
        if name not in given and "Default" not in parameter:
            raise Refusal(f"the template's parameter {name} has no value")
        value = str(given.get(name, parameter.get("Default")))
        is_list = parameter["Type"] == "CommaDelimitedList"
        values[name] = [part.strip() for part in value.split(",")] if is_list else value
    return values
