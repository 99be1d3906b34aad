"""How two versions' decisions about the same fields differ, as users see it: what is filled, and what is not any more."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import is_negative

MAX_EXAMPLES = 12
"""Of each kind of change; the first ones in the order of the log, one for each label and pair of ids."""
MAX_LABEL = 80
"""Characters of a label in an example."""


class Change(StrEnum):
    """What becomes of a field."""

    OTHER_ID = "fill → other id"
    LOST = "fill → nothing"
    NEW = "nothing → fill"


def filled(decision: str, predicted: str) -> str:
    """The canonical id that a field is filled with; "" if it is not filled."""
    return predicted if decision == "accepted" and not is_negative(predicted) else ""


def change_of(before: str, after: str) -> Change | None:
    """The change from one `filled` to another; None if they are the same."""
    if before == after:
        return None
    if not before:
        return Change.NEW
    return Change.OTHER_ID if after else Change.LOST


class Example(BaseModel):
    """One field that is decided otherwise. `before` and `after`: as `filled` returns them."""

    model_config = ConfigDict(frozen=True)

    change: str
    label: str
    before: str
    after: str
    site: str
    """The keyed hash of the site."""


class Changes:
    """Counts changes by kind, and keeps a few examples of each."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._examples: dict[tuple[str, str, str, str], Example] = {}
        self._kept: Counter[str] = Counter()

    def add(self, before: str, after: str, label: str, site: str) -> Change | None:
        """Compares one field's decisions, each as `filled` returns it, and returns the change, if there is one."""
        change = change_of(before, after)
        if change is None:
            return None
        self._counts[change] += 1
        label = label[:MAX_LABEL]
        key = (change, label, before, after)
        if self._kept[change] < MAX_EXAMPLES and key not in self._examples:
            self._examples[key] = Example(change=change, label=label, before=before, after=after, site=site)
            self._kept[change] += 1
        return change

    @property
    def counts(self) -> Mapping[str, int]:
        """How many fields changed, by kind; kinds that did not occur are left out."""
        return {change: self._counts[change] for change in Change if self._counts[change]}

    @property
    def examples(self) -> tuple[Example, ...]:
        """By kind, in the order in which they were added."""
        order = list(Change)
        return tuple(sorted(self._examples.values(), key=lambda example: order.index(Change(example.change))))
