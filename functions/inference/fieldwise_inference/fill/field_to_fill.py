"""One field to fill, as the handlers see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fieldwise_common.canonical import Canonical, about
from fieldwise_common.countries import country_code
from fieldwise_common.wire import FieldSlice


@dataclass(frozen=True)
class FieldToFill:
    """A field, the canonical id it was matched to, the profile's value for that id (never empty), and its context.

    `profile` is the whole profile, or in a repeated block after the first its entry. `beside` counts the matches by id in the same part
    of the form, this one included.
    """

    canonical: str
    value: str
    field: FieldSlice
    profile: Mapping[str, str]
    beside: Mapping[str, int]

    @cached_property
    def row(self) -> Canonical:
        """The catalogue's row for the canonical id."""
        return about(self.canonical)

    @cached_property
    def home_country(self) -> str | None:
        """ISO 3166 alpha-2 code of the profile's country; None if it is missing or unknown."""
        country = self.profile.get("country", "").strip()
        return country_code(country) if country else None
