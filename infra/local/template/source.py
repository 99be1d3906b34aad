"""`template.yaml` as it is written, and where its functions' code lies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import yaml_parse

from local.refusal import Refusal

Template = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ZipSource:
    """A function that is deployed as a folder of code, with the folders its layers put on Python's path."""

    handler: str
    folder: Path
    layers: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ImageSource:
    """A function that is deployed as a container image. `command` is "" where the Dockerfile's own CMD counts."""

    dockerfile: Path
    context: Path
    command: str


Source = ZipSource | ImageSource


def load(path: Path) -> Template:
    """The template as nested data, with its intrinsic functions in their long form. Raises Refusal when it can't be read."""
    try:
        template = yaml_parse(path.read_text())
    except OSError as error:
        raise Refusal(f"{path} can't be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise Refusal(f"{path} is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(template, dict) or "Resources" not in template:
        raise Refusal(f"{path} is no template: it has no Resources")
    return template


def resources_of(template: Template, resource_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and body of every resource of a type."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == resource_type:
            yield logical_id, resource


def function_sources(template: Template, root: Path) -> Mapping[str, Source]:
    """Where each function's code lies, by logical id; paths in the template are relative to `root`."""
    layers = {logical_id: _on_the_path(resource, root) for logical_id, resource in resources_of(template, "AWS::Serverless::LayerVersion")}
    return {logical_id: _source(resource, root, layers) for logical_id, resource in resources_of(template, "AWS::Serverless::Function")}


def _on_the_path(layer: dict[str, Any], root: Path) -> Path:
    """What is built is put into the layer's `python/`; what is not has it already."""
    content: Path = root / layer["Properties"]["ContentUri"]
    return content if "BuildMethod" in layer.get("Metadata", {}) else content / "python"


def _source(resource: dict[str, Any], root: Path, layers: Mapping[str, Path]) -> Source:
    properties = resource["Properties"]
    if properties.get("PackageType") == "Image":
        metadata = resource["Metadata"]
        context = root / metadata["DockerContext"]
        command = properties.get("ImageConfig", {}).get("Command", [""])[0]
        return ImageSource(dockerfile=context / metadata["Dockerfile"], context=context, command=command)
    used = tuple(layers[layer["Ref"]] for layer in properties.get("Layers", ()))
    return ZipSource(handler=properties["Handler"], folder=root / properties["CodeUri"], layers=used)


def definition_files(template: Template, root: Path) -> Mapping[str, Path]:
    """The file of each state machine's definition, by logical id."""
    found = resources_of(template, "AWS::Serverless::StateMachine")
    return {logical_id: root / resource["Properties"]["DefinitionUri"] for logical_id, resource in found}
