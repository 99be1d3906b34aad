"""Which code made a version: a hash of the packages' sources, so that it works in an image without a repository."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import fieldwise_common
import fieldwise_inference
import fieldwise_training

SOURCES = {".py", ".toml", ".json"}
"""The catalogue of canonical ids and the tables of answers and countries decide as much as code does."""


@cache
def code_version() -> str:
    """The first 12 hex digits of a sha256 over the code of the three packages that make a version, and over their tables."""
    digest = hashlib.sha256()
    for name, path in sources():
        digest.update(f"{name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def sources() -> Iterator[tuple[str, Path]]:
    """The files behind `code_version`, in order, each with its path inside the packages."""
    for package in (fieldwise_common, fieldwise_inference, fieldwise_training):
        root = Path(str(package.__file__)).parent
        for path in sorted(path for path in root.rglob("*") if path.suffix in SOURCES):
            yield f"{package.__name__}/{path.relative_to(root).as_posix()}", path
