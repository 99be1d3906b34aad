"""The one way in: which of the two formats it is, is seen by the file itself."""

import json
from pathlib import Path

from benchmarks.quality.truth.authored import read_authored
from benchmarks.quality.truth.fields import TruthSet
from benchmarks.quality.truth.truth_file import read_truth_file

from fieldwise_common.errors import DataError


def read_truth(path: Path, held_out: bool = False) -> TruthSet:
    """The forms at `path`: a truth file, or authored forms in a file or folder. Raises DataError naming file and line."""
    if path.is_dir() or _holds_forms(path):
        return read_authored(path, held_out)
    if held_out:
        raise DataError(f"{path.name}: only authored forms have a held-out part")
    return read_truth_file(path)


def _holds_forms(path: Path) -> bool:
    """Whether the first line is a whole form; what can't be read at all is the truth file's reader to refuse."""
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(next((line for line in file if line.strip()), "null"))
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and "fields" in first
