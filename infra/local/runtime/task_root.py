"""A function's code, laid out as Lambda would find it.

A zip function's code is its folder, then its layers. An image's code is what its Dockerfile copies into LAMBDA_TASK_ROOT, here
as links: a file the Dockerfile forgets is missing here too.
"""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from local.refusal import Refusal
from local.template.source import ImageSource, Source, ZipSource

TASK_ROOT = PurePosixPath("/var/task")
VARIABLES = {"${LAMBDA_TASK_ROOT}": str(TASK_ROOT), "$LAMBDA_TASK_ROOT": str(TASK_ROOT)}
INSTRUCTION = re.compile(r"^(COPY|CMD)\s+(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TaskRoot:
    """Where a function's handler is found. `path` goes onto Python's path, in this order."""

    handler: str
    folder: Path
    path: tuple[Path, ...]


def lay_out(source: Source, folder: Path) -> TaskRoot:
    """The code of a function, ready to import. `folder` gets an image's links. Raises Refusal naming what is missing."""
    if isinstance(source, ZipSource):
        return TaskRoot(source.handler, source.folder, (source.folder, *source.layers))
    return _lay_out_image(source, folder)


def require_handler(task: TaskRoot) -> None:
    """Raises Refusal unless the handler's module exists where Python would look for it."""
    module = task.handler.rpartition(".")[0].replace(".", "/")
    if not any((folder / file).is_file() for folder in task.path for file in (f"{module}.py", f"{module}/__init__.py")):
        raise Refusal(f"its handler {task.handler} has no module in the function's code")


def _lay_out_image(source: ImageSource, folder: Path) -> TaskRoot:
    try:
        text = source.dockerfile.read_text().replace("\\\n", " ")
    except OSError as error:
        raise Refusal(f"{source.dockerfile} can't be read: {error.strerror}") from error
    for variable, value in VARIABLES.items():
        text = text.replace(variable, value)
    _empty(folder)
    command = source.command
    for instruction, argument in INSTRUCTION.findall(text):
        if instruction == "CMD":
            command = command or json.loads(argument)[0]
        elif not argument.startswith("--from"):
            _copy([part for part in shlex.split(argument) if not part.startswith("--")], source, folder)
    if not command:
        raise Refusal(f"{source.dockerfile} has no CMD, so there is no handler to run: add one, or a Command to the function's ImageConfig")
    return TaskRoot(command, folder, (folder,))


def _copy(arguments: list[str], source: ImageSource, folder: Path) -> None:
    """As COPY does it: a folder's content goes into the target; a file goes into a target that ends in `/`, and becomes any other."""
    *originals, destination = arguments
    target = TASK_ROOT / destination
    if not target.is_relative_to(TASK_ROOT):
        return
    place = folder / target.relative_to(TASK_ROOT)
    for name in originals:
        original = (source.context / name).resolve()
        if original.is_dir():
            for child in original.iterdir():
                _link(place / child.name, child)
        elif original.is_file():
            _link(place / original.name if destination.endswith(("/", ".")) else place, original)
        else:
            raise Refusal(f"{source.dockerfile} copies {name}, which doesn't exist")


def _link(link: Path, target: Path) -> None:
    if link.is_dir() and target.is_dir():  # two COPYs into one folder: their content is merged
        for child in target.iterdir():
            _link(link / child.name, child)
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _empty(folder: Path) -> None:
    """Removes links and the folders we made, never what a link leads to."""
    folder.mkdir(parents=True, exist_ok=True)
    for child in folder.iterdir():
        if child.is_symlink() or child.is_file():
            child.unlink()
        else:
            _empty(child)
            child.rmdir()
