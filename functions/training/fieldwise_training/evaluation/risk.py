"""Whether the owner has changed how many wrong fills are acceptable since the version in production was made.

With fewer, fields are left empty; with more, more are filled wrongly. The gate must not take either for a fault of the version.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fieldwise_training.state import RunParameters

NO_BUDGET = 1.0


class Change(NamedTuple):
    """One parameter that the owner has changed, in words, and whether it allows fewer wrong fills."""

    words: str
    is_stricter: bool


def differing(before: Mapping[str, Any], after: RunParameters) -> tuple[Change, ...]:
    """The changes of `wrong_cost` and `wrong_fill_budget`. `before`: the other version's parameters, as its manifest has them."""
    return tuple(_changes(before, after))


def _changes(before: Mapping[str, Any], after: RunParameters) -> Iterator[Change]:
    cost = before.get("wrong_cost", after.wrong_cost)  # versions of earlier releases do not have it
    if cost != after.wrong_cost:
        yield Change(f"wrong_cost is {after.wrong_cost:g} instead of {cost:g}", after.wrong_cost > cost)
    budget = before.get("wrong_fill_budget")
    if budget != after.wrong_fill_budget:
        words = f"wrong_fill_budget is {_budget(after.wrong_fill_budget)} instead of {_budget(budget)}"
        yield Change(words, (after.wrong_fill_budget or NO_BUDGET) < (budget or NO_BUDGET))


def _budget(share: float | None) -> str:
    return "none" if share is None else f"{share:g}"
