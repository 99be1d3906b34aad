"""Which code made a version: a hash of the packages' sources, so that it works in an image without a repository."""

import hashlib
from functools import cache
from pathlib import Path

import fieldwise_common
import fieldwise_inference
import fieldwise_training


@cache
def code_version() -> str:
    """The first 12 hex digits of a sha256 over all Python files of the three packages that make a version."""
    digest = hashlib.sha256()
    for package in (fieldwise_common, fieldwise_inference, fieldwise_training):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{package.__name__}/{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
