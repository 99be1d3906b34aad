"""Which code decides: a hash of the sources that a decision depends on, logged with it, so that a replay can tell a change of code."""

import hashlib
from functools import cache
from pathlib import Path

import fieldwise_common
import fieldwise_inference

SOURCES = {
    fieldwise_common: ("canonical.py", "canonical.toml", "countries.*", "decision_log.py", "wire*.py", "store/overrides.py"),
    fieldwise_inference: (
        "classify/**/*.py",
        "classify/option_names.json",
        "serving/encoder.py",
        "serving/index.py",
        "serving/precision.py",
        "serving/version.py",
    ),
}
"""The files of each package, as patterns. The versions of libraries are not in it."""


@cache
def code_version() -> str:
    """The first 12 hex digits of a SHA-256 over `SOURCES`."""
    digest = hashlib.sha256()
    for package, patterns in SOURCES.items():
        root = Path(str(package.__file__)).parent
        for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
            digest.update(f"{package.__name__}/{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
