"""The admins' overrides beside a new version: which ones it no longer needs."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING, is_negative, wire_id
from fieldwise_common.store.overrides import Override, Overrides
from fieldwise_inference.classify.decide import rule
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.known import known_fields
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.signature import parse_signature

Review = Literal["for removal", "needed", "field unknown"]
"""`for removal`: the version decides the same without it; `field unknown`: it was given by a signature alone."""


class ReviewedOverride(BaseModel):
    """One override, and what the version decides without it. Neither the origin nor the admin is named: a version names no site."""

    model_config = ConfigDict(frozen=True)

    review: Review
    site: str
    """The keyed hash of the origin."""
    signature: str
    label: str
    canonical: str
    """What the override says."""
    without: str
    """What the version would fill in without it: a canonical id or `none`; "" if the field is unknown."""


def review(overrides: Overrides, version: LoadedVersion) -> tuple[ReviewedOverride, ...]:
    """Every override, those for removal first.

    Each field is decided without the rest of its form, which an override does not have, and with the version's answers for the site.
    """
    return tuple(sorted(_reviewed(overrides, version), key=lambda one: (one.review != "for removal", one.review, one.site, one.signature)))


def _reviewed(overrides: Overrides, version: LoadedVersion) -> Iterator[ReviewedOverride]:
    for override in overrides.overrides:
        without = _without(override, version)
        agrees = without == wire_id(override.canonical)
        yield ReviewedOverride(
            review="field unknown" if without is None else "for removal" if agrees else "needed",
            site=override.site,
            signature=override.signature,
            label=override.field.label if override.field is not None else "",
            canonical=override.canonical,
            without=without or "",
        )


def _without(override: Override, version: LoadedVersion) -> str | None:
    """What the version would fill in; None if the field is unknown."""
    signature = parse_signature(override.signature)
    if override.field is None or signature is None:
        return None
    known = known_fields([signature], (), {}, version.sites.of(override.site), version.knows)
    ruling = rule(version, [FieldView(override.field)], known)[0]
    is_filled = ruling.outcome == "accepted" and not is_negative(ruling.canonical)
    return ruling.canonical if is_filled else NOTHING
