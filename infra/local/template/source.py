"""Where the code of the template's functions lies, and its state machines' definitions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.refusal import wrong
from local.template.written import Template, resources_of


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


def function_sources(template: Template, root: Path) -> Mapping[str, Source]:
    """Where each function's code lies, by logical id; paths in the template are relative to `root`.

    Raises Refusal naming the property that leads nowhere.
    """
    layers = {
        logical_id: _on_the_path(logical_id, resource, root)
        for logical_id, resource in resources_of(template, "AWS::Serverless::LayerVersion")
    }
    return {
        logical_id: _source(logical_id, resource, root, layers)
        for logical_id, resource in resources_of(template, "AWS::Serverless::Function")
    }


def _on_the_path(logical_id: str, layer: dict[str, Any], root: Path) -> Path:
    """What is built is put into the layer's `python/`; what is not has it already."""
    content = _found(root / layer["Properties"]["ContentUri"], Path.is_dir, logical_id, "Properties", "ContentUri")
    return content if "BuildMethod" in layer.get("Metadata", {}) else content / "python"


def _source(logical_id: str, resource: dict[str, Any], root: Path, layers: Mapping[str, Path]) -> Source:
    properties = resource["Properties"]
    if properties.get("PackageType") == "Image":
        metadata = resource["Metadata"]
        context = _found(root / metadata["DockerContext"], Path.is_dir, logical_id, "Metadata", "DockerContext")
        dockerfile = _found(context / metadata["Dockerfile"], Path.is_file, logical_id, "Metadata", "Dockerfile")
        return ImageSource(dockerfile, context, command=properties.get("ImageConfig", {}).get("Command", [""])[0])
    used = [layer["Ref"] for layer in properties.get("Layers", ())]
    for layer in used:
        if layer not in layers:
            raise wrong(("Resources", logical_id, "Properties", "Layers"), f"{layer} is no AWS::Serverless::LayerVersion of the template")
    folder = _found(root / properties["CodeUri"], Path.is_dir, logical_id, "Properties", "CodeUri")
    return ZipSource(properties["Handler"], folder, tuple(layers[layer] for layer in used))


def definition_files(template: Template, root: Path) -> Mapping[str, Path]:
    """The file of each state machine's definition, by logical id. Raises Refusal for one that is not there."""
    return {
        logical_id: _found(root / resource["Properties"]["DefinitionUri"], Path.is_file, logical_id, "Properties", "DefinitionUri")
        for logical_id, resource in resources_of(template, "AWS::Serverless::StateMachine")
    }


def _found(path: Path, is_right: Callable[[Path], bool], *place: str) -> Path:
    if not is_right(path):
        raise wrong(("Resources", *place), f"there is no {'folder' if is_right is Path.is_dir else 'file'} {path}")
    return path
