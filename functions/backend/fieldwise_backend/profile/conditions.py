"""`If-Match` and `If-None-Match` (RFC 9110, section 13) for the profile routes."""

import re
from dataclasses import dataclass

from fieldwise_common.errors import PreconditionFailed

ANY = "*"

_TAG = re.compile(r'(W/)?"[^"]*"')


@dataclass(frozen=True, slots=True)
class Conditions:
    """A request's preconditions on the stored ETag; None where the header is absent."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, etag: str | None) -> None:
        """Raises PreconditionFailed unless both conditions hold. `etag` is the stored one; None: nothing is stored."""
        if self.if_match is not None and not _names(self.if_match, etag, weak=False):
            raise PreconditionFailed("the profile's ETag does not match If-Match: read the profile again")
        if self.if_none_match is not None and _names(self.if_none_match, etag, weak=True):
            raise PreconditionFailed("a profile that If-None-Match excludes already exists")


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller of a GET already has the current representation."""
    return if_none_match is not None and _names(if_none_match, etag, weak=True)


def _names(header: str, etag: str | None, *, weak: bool) -> bool:
    """Whether the header lists `etag`; only a weak comparison ignores a `W/` (RFC 9110, section 8.8.3.2)."""
    if etag is None:
        return False
    if header.strip() == ANY:
        return True
    tags = (found.group() for found in _TAG.finditer(header))
    return etag in ({tag.removeprefix("W/") for tag in tags} if weak else set(tags))
