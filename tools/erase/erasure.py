"""Finding and erasing a user's data: everything is found before anything is erased, and an interrupted run can be repeated."""

from dataclasses import dataclass

from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import user_hash
from fieldwise_common.errors import StoreError
from tools.erase.log_objects import LogObjects, ObjectVersion
from tools.erase.rows import without_user
from tools.erase.stack import UserItems
from tools.erase.versions import VersionsOfUsers


class HalfErased(StoreError):
    """The erasure failed after it may have erased something."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a stack holds of one user."""

    owner: str
    """The key of the profile's item; those of the memory start with it."""
    user_hash: str
    """The user's hash in the log and in the model versions."""
    items: tuple[str, ...]
    """The keys of the user's items in the table."""
    rows: int
    """Rows in current versions of the log's objects."""
    versions: tuple[ObjectVersion, ...]
    """Versions, current or not, of the log's objects that hold rows of the user."""
    models: tuple[str, ...]
    """Model versions that hold votes or judged forms of the user. They are not changed: the next version drops them."""

    @property
    def is_empty(self) -> bool:
        """Whether the stack holds nothing of the user."""
        return not (self.items or self.versions or self.models)

    @property
    def has_profile(self) -> bool:
        """Whether the profile is among the items."""
        return self.owner in self.items

    @property
    def objects(self) -> int:
        """Objects whose current version holds rows."""
        return sum(version.is_current for version in self.versions)

    @property
    def old_versions(self) -> int:
        """Noncurrent versions that hold rows."""
        return len(self.versions) - self.objects


def find(user: Caller, key: bytes, items: UserItems, log: LogObjects, models: VersionsOfUsers) -> Found:
    """Everything a stack holds of a user; `key` is the key of the user hashes. Reads the whole log. Raises StoreError."""
    owner, hashed = owner_of(user), user_hash(key, user.issuer, user.subject)
    rows, versions = 0, []
    for version in log.versions():
        erased = without_user(log.read(version), hashed).erased
        rows += erased if version.is_current else 0
        versions += [version] if erased else []
    return Found(owner, hashed, items.keys(owner), rows, tuple(versions), models.holding(hashed))


def erase(found: Found, items: UserItems, log: LogObjects, models: VersionsOfUsers) -> None:
    """Erases what was found. Raises HalfErased when something could not be erased.

    The user is marked first, so that a training that has already read the log drops their votes with its next version. A current
    version of a log object is replaced before it is deleted, so that readers never miss other users' rows.
    """
    if found.is_empty:
        return
    try:
        models.mark_erased(found.user_hash)
        for key in found.items:
            items.delete(key)
        for version in found.versions:
            if version.is_current:
                log.replace(version, without_user(log.read(version), found.user_hash).body)
            log.delete(version)
    except StoreError as error:
        raise HalfErased(f"{error}; not everything was erased: run the command again") from error
