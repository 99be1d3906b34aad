"""The one way the local stack says no."""

from collections.abc import Iterable


class Refusal(Exception):
    """The stack can't do what was asked. The message is one line a person can act on."""


def wrong(place: Iterable[object], what: str) -> Refusal:
    """The refusal of a template: `place` leads to what is wrong, as `Resources`, a logical id, `Properties`, a property."""
    path = ".".join(map(str, place))
    return Refusal(f"the template's {path}: {what}" if path else f"the template: {what}")
