"""What erasing a user takes: everything is found before anything is erased, and a run that was broken off can be run again."""

from dataclasses import dataclass

from fieldwise_backend.erase.log_objects import LogObjects, ObjectVersion
from fieldwise_backend.erase.rows import without_user
from fieldwise_backend.erase.stack import ProfileItems
from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import user_hash
from fieldwise_common.errors import StoreError


class HalfErased(StoreError):
    """Some of it may be gone, and some is still there."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a stack holds of one user."""

    owner: str
    """The key of the profile's item."""
    pseudonym: str
    """The user's hash in the log."""
    has_profile: bool
    rows: int
    """In the log as it is read."""
    versions: tuple[ObjectVersion, ...]
    """Versions of the log's objects that hold rows of the user's."""

    @property
    def objects(self) -> int:
        """Objects whose current version holds rows."""
        return sum(version.is_current for version in self.versions)

    @property
    def old_versions(self) -> int:
        """Noncurrent versions that hold rows."""
        return len(self.versions) - self.objects


def find(user: Caller, key: bytes, profiles: ProfileItems, log: LogObjects) -> Found:
    """Everything of a user's; `key` is that of the user hashes. Reads the whole log, and changes nothing. Raises StoreError."""
    owner, pseudonym = owner_of(user), user_hash(key, user.issuer, user.subject)
    rows, versions = 0, []
    for version in log.versions():
        erased = without_user(log.read(version), pseudonym).erased
        rows += erased if version.is_current else 0
        versions += [version] if erased else []
    return Found(owner, pseudonym, profiles.exists(owner), rows, tuple(versions))


def erase(found: Found, profiles: ProfileItems, log: LogObjects) -> None:
    """Erases what was found. Raises HalfErased when something could not be.

    A current version is replaced before it is deleted, so that no reader misses other people's rows in between.
    """
    try:
        if found.has_profile:
            profiles.delete(found.owner)
        for version in found.versions:
            if version.is_current:
                log.replace(version, without_user(log.read(version), found.pseudonym).body)
            log.delete(version)
    except StoreError as error:
        raise HalfErased(f"{error}; not everything is erased: run it again, what is gone stays gone") from error
