"""Where the code of the template's functions is, and its state machines' definitions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.refusal import Refusal, reading
from local.template.load import Template, resources_of


@dataclass(frozen=True, slots=True)
class ZipSource:
    """A function that is deployed as a folder of code, with the folders its layers add to Python's path."""

    handler: str
    folder: Path
    layers: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ImageSource:
    """A function that is deployed as a container image. `command` "" stands for the Dockerfile's own CMD."""

    dockerfile: Path
    context: Path
    command: str


Source = ZipSource | ImageSource


def function_sources(template: Template, root: Path) -> Mapping[str, Source]:
    """Where each function's code is, by logical id; paths in the template are relative to `root`.

    Raises Refusal naming the resource whose code is missing, or given by anything but a path.
    """
    layers: dict[str, Path] = {}
    for logical_id, layer in resources_of(template, "AWS::Serverless::LayerVersion"):
        with reading("Resources", logical_id):
            layers[logical_id] = _on_the_path(layer, root)
    sources: dict[str, Source] = {}
    for logical_id, function in resources_of(template, "AWS::Serverless::Function"):
        with reading("Resources", logical_id):
            sources[logical_id] = _source(function, root, layers)
    return sources


def _on_the_path(layer: dict[str, Any], root: Path) -> Path:
    """`sam build` puts a built layer's content into `python/`; one that is not built has that folder already."""
    content = _existing(root / layer["Properties"]["ContentUri"], Path.is_dir, "ContentUri")
    return content if "BuildMethod" in layer.get("Metadata", {}) else content / "python"


def _source(function: dict[str, Any], root: Path, layers: Mapping[str, Path]) -> Source:
    properties = function["Properties"]
    if properties.get("PackageType") == "Image":
        metadata = function["Metadata"]
        context = _existing(root / metadata["DockerContext"], Path.is_dir, "DockerContext")
        dockerfile = _existing(context / metadata["Dockerfile"], Path.is_file, "Dockerfile")
        return ImageSource(dockerfile, context, command=properties.get("ImageConfig", {}).get("Command", [""])[0])
    used = [layer["Ref"] for layer in properties.get("Layers", ())]
    for layer in used:
        if layer not in layers:
            raise Refusal(f"its layer {layer} is not an AWS::Serverless::LayerVersion of the template")
    folder = _existing(root / properties["CodeUri"], Path.is_dir, "CodeUri")
    return ZipSource(properties["Handler"], folder, tuple(layers[layer] for layer in used))


def definition_files(template: Template, root: Path) -> Mapping[str, Path]:
    """The file of each state machine's definition, by logical id. Raises Refusal for one that doesn't exist."""
    files: dict[str, Path] = {}
    for logical_id, machine in resources_of(template, "AWS::Serverless::StateMachine"):
        with reading("Resources", logical_id):
            files[logical_id] = _existing(root / machine["Properties"]["DefinitionUri"], Path.is_file, "DefinitionUri")
    return files


def _existing(path: Path, is_right: Callable[[Path], bool], name: str) -> Path:
    if not is_right(path):
        raise Refusal(f"{name}: there is no {'folder' if is_right is Path.is_dir else 'file'} {path}")
    return path
