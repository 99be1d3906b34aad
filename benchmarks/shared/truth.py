"""A field with known truth, whatever file it was read from, and when an answer about it is right."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldwise_common.errors import DataError
from fieldwise_common.wire import FieldDescriptor

EQUIVALENT = (
    frozenset({"address-line1", "street-address"}),
    frozenset({"country", "country-name"}),
    frozenset({"tel", "tel-national", "tel-local"}),
    frozenset({"current-password", "new-password"}),
)
"""Pages ask for each id of a group in the same words, and the value of one is right for the others."""


def equivalent(one: str, other: str) -> bool:
    """Whether the two canonical ids are the same, or of one group of `EQUIVALENT`."""
    return one == other or any(one in group and other in group for group in EQUIVALENT)


@dataclass(frozen=True, slots=True)
class TruthField:
    """One field. `truth` is a canonical id or `none`; `peer` is the browser's own prediction, "" if not known."""

    i: int | str
    site: str
    source: str
    lang: str
    truth: str
    descriptor: FieldDescriptor
    peer: str = ""
    accepted: frozenset[str] = frozenset()
    """Every right id, where the file lists them; empty: `truth` and its equivalents."""
    values: tuple[str | None, ...] = ()
    """Every right value for `examples/profile.json`, None for an empty field; () if the file has none."""
    whose: str = ""
    """Whose data the field asks for, as in the authored forms; "": the user's own, or not said."""
    nth: int | None = None
    """The number of the repeated block (job, school, project) that the field is in, from 1."""

    def accepts(self, canonical: str) -> bool:
        """Whether the id, or `none`, is a right answer."""
        return canonical in self.accepted if self.accepted else equivalent(canonical, self.truth)


@dataclass(frozen=True, slots=True)
class TruthSet:
    """The forms of one file or folder, each a tuple of its fields in page order.

    `vocabulary`: the ids a prediction is judged by. Any other can be neither right nor wrong here, and counts as `none`.
    """

    name: str
    forms: tuple[tuple[TruthField, ...], ...]
    vocabulary: frozenset[str]

    @property
    def has_values(self) -> bool:
        """Whether the right values of any field are known."""
        return any(field.values for form in self.forms for field in form)


def lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The object in each line that is not blank, with its file and number for error messages.

    Raises DataError naming the file and the line that can't be read.
    """
    try:
        texts = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror})") from error
    for number, line in enumerate(texts, start=1):
        where = f"{path.name}, line {number}"
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{where}: not JSON: {error.msg}") from error
        if not isinstance(content, dict):
            raise DataError(f"{where}: expected an object, found {type(content).__name__}")
        yield where, content
