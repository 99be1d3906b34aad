"""`template.yaml` as it is written, once its outline is known to be one."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from local.refusal import Refusal, wrong
from local.template.outline import BY_TYPE, OUTLINE
from local.template.resource_types import require_type
from local.template.schema import require

Template = dict[str, Any]

WRITTEN_FOR_SAM = {
    "AWS::ApiGatewayV2::Api": "AWS::Serverless::HttpApi",
    "AWS::Lambda::Alias": "AutoPublishAlias of a function",
    "AWS::Lambda::Function": "AWS::Serverless::Function",
    "AWS::StepFunctions::StateMachine": "AWS::Serverless::StateMachine",
}
"""What the local stack knows only as SAM makes it."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as CloudFormation has it: tags are intrinsic functions, dates are texts, and so are keys, each there once."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        """A mapping's content. Raises YAMLError for a key that is there twice: the first would be lost without a word."""
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        times = Counter(key.value for key in keys)
        for key in keys:
            if times[key.value] > 1:
                raise yaml.constructor.ConstructorError(problem=f"the key {key.value} is there twice", problem_mark=key.start_mark)
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)


def load(path: Path) -> Template:
    """The template as nested data, with its intrinsic functions in their long form.

    Raises Refusal when it can't be read, or is not what the translator and this stack could rely on.
    """
    try:
        template: Template = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 a SafeLoader
    except OSError as error:
        raise Refusal(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8 from byte {error.start} on: save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise Refusal(f"{path} is no YAML: {_fault(error)}") from error
    require(OUTLINE, template)
    for logical_id, resource in template["Resources"].items():
        require_type(resource["Type"], "Resources", logical_id, "Type")
        if resource["Type"] in WRITTEN_FOR_SAM:
            raise wrong(("Resources", logical_id, "Type"), f"the local stack needs it as {WRITTEN_FOR_SAM[resource['Type']]}")
        require(BY_TYPE.get(resource["Type"], {}), resource, "Resources", logical_id)
    return template


def _fault(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {error.problem}" if mark else " ".join(str(error).split())


def resources_of(template: Template, resource_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and body of every resource of a type."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == resource_type:
            yield logical_id, resource
