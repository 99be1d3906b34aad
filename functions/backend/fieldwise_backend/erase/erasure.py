"""What erasing a user takes, in the order that leaves nothing behind if it is broken off: run again, it goes on."""

from dataclasses import dataclass

from fieldwise_backend.erase.log_objects import LogObjects
from fieldwise_backend.erase.rows import without_user
from fieldwise_backend.erase.stack import ProfileItems
from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import user_hash


@dataclass(frozen=True, slots=True)
class Erased:
    """What was found (and erased, unless it was a dry run)."""

    profile: bool
    rows: int
    """In the log as it is read."""
    objects: int
    old_versions: int
    """Noncurrent versions of objects that held rows of the user's."""


def erase(user: Caller, key: bytes, profiles: ProfileItems, log: LogObjects, *, is_dry_run: bool) -> Erased:
    """Finds everything of a user's, and erases it unless `is_dry_run`. Reads the whole log. Raises StoreError.

    A current version is replaced before it is deleted, so that no reader misses other people's rows in between.
    """
    owner, pseudonym = owner_of(user), user_hash(key, user.issuer, user.subject)
    has_profile = profiles.exists(owner)
    if has_profile and not is_dry_run:
        profiles.delete(owner)
    rows = objects = old_versions = 0
    for version in list(log.versions()):
        remainder = without_user(log.read(version), pseudonym)
        if not remainder.erased:
            continue
        if version.is_current:
            rows, objects = rows + remainder.erased, objects + 1
        else:
            old_versions += 1
        if not is_dry_run:
            if version.is_current:
                log.replace(version, remainder.body)
            log.delete(version)
    return Erased(has_profile, rows, objects, old_versions)
