"""Reading and changing profiles. Each change is a compare-and-swap on the ETag it was computed from."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from fieldwise_backend.profile.conditions import Conditions
from fieldwise_backend.profile.parsing import document_of, merge_patch, parse_profile
from fieldwise_backend.profile.ports import ConcurrentWrite, ProfileStore, StoredProfile
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.auth import Caller
from fieldwise_common.errors import NotFound, StoreError

TRIES = 3
"""Attempts at a write when other requests write at the same time."""

T = TypeVar("T")


def owner_of(caller: Caller) -> str:
    """The key of a caller's profile: SHA-256 of issuer and subject, in hex. Both come from the verified token."""
    return hashlib.sha256(f"{caller.issuer}\n{caller.subject}".encode()).hexdigest()


def etag_of(profile: Profile) -> str:
    """A strong ETag of the profile's stored form: equal profiles have equal ETags."""
    return f'"{hashlib.sha256(document_of(profile).encode()).hexdigest()[:32]}"'


class ProfileService:
    """The caller's own profile; no method takes another user's."""

    def __init__(self, store: ProfileStore) -> None:
        self._store = store

    def read(self, caller: Caller) -> StoredProfile:
        """Raises NotFound when the caller has no profile, StoreError."""
        stored = self._store.load(owner_of(caller))
        if stored is None:
            raise NotFound("you have no profile yet: create one with PUT")
        return stored

    def read_or_empty(self, caller: Caller) -> Profile:
        """The caller's profile; an empty one when none is stored. Raises StoreError."""
        stored = self._store.load(owner_of(caller))
        return stored.profile if stored is not None else Profile()

    def replace(self, caller: Caller, document: object, conditions: Conditions) -> StoredProfile:
        """Stores `document` (JSON data) as the profile. Raises InvalidRequest, RequestTooLarge, PreconditionFailed, StoreError."""
        profile = parse_profile(document)
        return self._change(caller, conditions, lambda _: profile)

    def patch(self, caller: Caller, patch: object, conditions: Conditions) -> StoredProfile:
        """Applies an RFC 7396 merge patch (to an empty profile when none is stored). Raises as `replace` does."""
        return self._change(caller, conditions, lambda current: parse_profile(merge_patch(_data(current), patch)))

    def delete(self, caller: Caller, conditions: Conditions) -> None:
        """Deletes the profile; it is not an error when there is none. Raises PreconditionFailed, StoreError."""

        def delete(owner: str, current: StoredProfile | None) -> None:
            if current is not None:
                self._store.delete(owner, current.etag)

        self._retried(caller, conditions, delete)

    def _change(self, caller: Caller, conditions: Conditions, change: Callable[[StoredProfile | None], Profile]) -> StoredProfile:
        def save(owner: str, current: StoredProfile | None) -> StoredProfile:
            profile = change(current)
            changed = StoredProfile(profile, etag_of(profile))
            self._store.save(owner, changed, replacing=current.etag if current is not None else None)
            return changed

        return self._retried(caller, conditions, save)

    def _retried(self, caller: Caller, conditions: Conditions, write: Callable[[str, StoredProfile | None], T]) -> T:
        """Checks the conditions against the stored profile and writes; starts again when another request wrote in between."""
        owner = owner_of(caller)
        for _ in range(TRIES):
            current = self._store.load(owner)
            conditions.check(current.etag if current is not None else None)
            with suppress(ConcurrentWrite):
                return write(owner, current)
        raise StoreError("the profile was changed by other requests at the same time: try again")


def _data(stored: StoredProfile | None) -> dict[str, Any]:
    return stored.profile.model_dump(mode="json", exclude_defaults=True) if stored is not None else {}
