"""One field to fill, as the handlers see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fieldwise_common.wire import FieldSlice

CHOICE_ROLES = frozenset({"", "combobox", "listbox", "dropdown"})
"""Types that are a select where they come with options."""


@dataclass(frozen=True)
class Blank:
    """A field, what it means, the value the profile has for it (never empty), and the rest of the profile for context."""

    canonical: str
    value: str
    field: FieldSlice
    profile: Mapping[str, str]

    @cached_property
    def kind(self) -> str:
        """The field's type in HTML's words: `select-one` and its like are `select`; without a type it is `text`."""
        return kind_of(self.field)

    @cached_property
    def country(self) -> str:
        """The profile's country as it is written there; "" where it has none."""
        return self.profile.get("country", "").strip()


def kind_of(field: FieldSlice) -> str:
    """See `Blank.kind`."""
    kind = field.type.lower()
    is_choice = kind.startswith("select") or (kind in CHOICE_ROLES and bool(field.options))
    return "select" if is_choice else kind or "text"
