"""What the measuring knows of a form: what a client would send of it, and what each field really means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldwise_common.wire import FieldDescriptor

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class TruthField:
    """One field. `truth` is a canonical id or `none`; `peer` is what its browser said of it, "" where nobody asked one."""

    i: int | str
    site: str
    source: str
    lang: str
    truth: str
    descriptor: FieldDescriptor
    peer: str = ""

    @property
    def sent(self) -> Mapping[str, Any]:
        """The field in a request: what is empty or absent is left out, as a client that doesn't know it would."""
        return self.descriptor.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True, slots=True)
class TruthSet:
    """The forms of one file or folder, each a tuple of its fields in page order.

    `vocabulary`: the ids a prediction is judged by; any other can be neither right nor wrong here.
    """

    name: str
    forms: tuple[tuple[TruthField, ...], ...]
    vocabulary: frozenset[str]
