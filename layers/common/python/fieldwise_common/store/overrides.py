"""Overrides: what an admin says about a field of a site, effective at once and for everyone.

One object beside the pointer, `overrides.json`. The backend changes it, with conditional writes; inference reads it as often as
the pointer; training compares it with each new version, so that overrides the model agrees with can be removed.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store.layout import OVERRIDES
from fieldwise_common.store.objects import ObjectMissing, ObjectStore
from fieldwise_common.wire import FieldDescriptor


class Override(BaseModel):
    """One override. `origin` is in the clear, for people; decisions are made by `site`, its keyed hash."""

    model_config = ConfigDict(frozen=True)

    site: str
    origin: str
    signature: str
    """See `classify.signature` of inference."""
    canonical: str
    """The canonical id, or `none`: the field asks for nothing of the user's."""
    by: str
    """The subject of the admin's token."""
    at: datetime
    why: str
    field: FieldDescriptor | None = None
    """The field as it was described; None if the override was given by its signature alone."""

    @property
    def is_nothing(self) -> bool:
        """Whether the field asks for nothing of the user's."""
        return self.canonical == NOTHING


class Overrides(BaseModel):
    """`overrides.json`."""

    model_config = ConfigDict(frozen=True)

    overrides: tuple[Override, ...] = ()


def parse_overrides(body: bytes) -> Overrides:
    """Raises CorruptVersion when `overrides.json` can't be parsed."""
    try:
        return Overrides.model_validate_json(body)
    except ValidationError as error:
        raise CorruptVersion(f"{OVERRIDES} can't be parsed: {error.error_count()} wrong values") from None


def read_overrides(objects: ObjectStore) -> Overrides:
    """The overrides in a store; none if there is no such object. Raises CorruptVersion, StoreError."""
    try:
        return parse_overrides(objects.get(OVERRIDES).body)
    except ObjectMissing:
        return Overrides()
