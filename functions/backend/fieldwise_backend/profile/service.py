"""Reading and changing profiles. Each change is a compare-and-swap on the ETag it was computed from."""

import hashlib
from collections.abc import Callable
from typing import Any

from fieldwise_backend.profile.conditions import Conditions
from fieldwise_backend.profile.parsing import document_of, merge_patch, parse_profile
from fieldwise_backend.profile.ports import ConcurrentWrite, ProfileStore, StoredProfile
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.auth import Caller
from fieldwise_common.errors import NotFound, StoreError

TRIES = 3
"""How often a change is computed anew when somebody else wrote in between."""


def owner_of(caller: Caller) -> str:
    """The key a caller's profile is stored under: SHA-256 of issuer and subject, in hex; from the verified token alone."""
    return hashlib.sha256(f"{caller.issuer}\n{caller.subject}".encode()).hexdigest()


def etag_of(profile: Profile) -> str:
    """A strong ETag of the profile's stored form: equal profiles have equal ones."""
    return f'"{hashlib.sha256(document_of(profile).encode()).hexdigest()[:32]}"'


class ProfileService:
    """The profile of whoever calls; another's can't be named."""

    def __init__(self, store: ProfileStore) -> None:
        self._store = store

    def read(self, caller: Caller) -> StoredProfile:
        """Raises NotFound when the caller has no profile, StoreError."""
        stored = self._store.load(owner_of(caller))
        if stored is None:
            raise NotFound("you have no profile yet: PUT one")
        return stored

    def read_or_empty(self, caller: Caller) -> Profile:
        """The caller's profile; an empty one when there is none yet. Raises StoreError."""
        stored = self._store.load(owner_of(caller))
        return stored.profile if stored is not None else Profile()

    def replace(self, caller: Caller, document: object, conditions: Conditions) -> StoredProfile:
        """Stores `document` (JSON data) as the profile. Raises InvalidRequest, RequestTooLarge, PreconditionFailed, StoreError."""
        profile = parse_profile(document)
        return self._change(caller, conditions, lambda _: profile)

    def patch(self, caller: Caller, patch: object, conditions: Conditions) -> StoredProfile:
        """Applies an RFC 7396 merge patch (to an empty profile when there is none yet). Raises as `replace` does."""
        return self._change(caller, conditions, lambda current: parse_profile(merge_patch(_data(current), patch)))

    def delete(self, caller: Caller, conditions: Conditions) -> None:
        """Forgets the profile; one that is not there is no error. Raises PreconditionFailed, StoreError."""
        owner = owner_of(caller)
        for _ in range(TRIES):
            current = self._store.load(owner)
            conditions.check(current.etag if current is not None else None)
            try:
                if current is not None:
                    self._store.delete(owner, current.etag)
                return
            except ConcurrentWrite:
                continue
        raise StoreError("the profile is being changed by others all the time: try again")

    def _change(self, caller: Caller, conditions: Conditions, change: Callable[[StoredProfile | None], Profile]) -> StoredProfile:
        owner = owner_of(caller)
        for _ in range(TRIES):
            current = self._store.load(owner)
            etag = current.etag if current is not None else None
            conditions.check(etag)
            profile = change(current)
            changed = StoredProfile(profile, etag_of(profile))
            try:
                self._store.save(owner, changed, replacing=etag)
                return changed
            except ConcurrentWrite:
                continue
        raise StoreError("the profile is being changed by others all the time: try again")


def _data(stored: StoredProfile | None) -> dict[str, Any]:
    return stored.profile.model_dump(mode="json", exclude_defaults=True) if stored is not None else {}
