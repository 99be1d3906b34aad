"""Finding and erasing a user's data: everything is found before anything is erased, and an interrupted run can be repeated."""

from dataclasses import dataclass

from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import user_hash
from fieldwise_common.errors import StoreError
from tools.erase.log_objects import LogObjects, ObjectVersion
from tools.erase.rows import without_user
from tools.erase.stack import ProfileItems


class HalfErased(StoreError):
    """The erasure failed after it may have erased something."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a stack holds of one user."""

    owner: str
    """The key of the profile's item."""
    user_hash: str
    """The user's hash in the log."""
    has_profile: bool
    rows: int
    """Rows in current versions of the log's objects."""
    versions: tuple[ObjectVersion, ...]
    """Versions, current or not, of the log's objects that hold rows of the user."""

    @property
    def objects(self) -> int:
        """Objects whose current version holds rows."""
        return sum(version.is_current for version in self.versions)

    @property
    def old_versions(self) -> int:
        """Noncurrent versions that hold rows."""
        return len(self.versions) - self.objects


def find(user: Caller, key: bytes, profiles: ProfileItems, log: LogObjects) -> Found:
    """Everything a stack holds of a user; `key` is the key of the user hashes. Reads the whole log. Raises StoreError."""
    owner, hashed = owner_of(user), user_hash(key, user.issuer, user.subject)
    rows, versions = 0, []
    for version in log.versions():
        erased = without_user(log.read(version), hashed).erased
        rows += erased if version.is_current else 0
        versions += [version] if erased else []
    return Found(owner, hashed, profiles.exists(owner), rows, tuple(versions))


def erase(found: Found, profiles: ProfileItems, log: LogObjects) -> None:
    """Erases what was found. Raises HalfErased when something could not be erased.

    A current version is replaced before it is deleted, so that readers never miss other users' rows.
    """
    try:
        if found.has_profile:
            profiles.delete(found.owner)
        for version in found.versions:
            if version.is_current:
                log.replace(version, without_user(log.read(version), found.user_hash).body)
            log.delete(version)
    except StoreError as error:
        raise HalfErased(f"{error}; not everything was erased: run the command again") from error
