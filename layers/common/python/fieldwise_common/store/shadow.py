"""The shadow: a sealed version that decides beside the live one for a share of requests, and is only logged.

One object beside the pointer, `shadow.json`. An operator sets it; inference reads it as often as the pointer.
"""

import hashlib
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldwise_common.errors import CorruptVersion, FieldwiseError, SettingsError
from fieldwise_common.store.layout import MANIFEST, SHADOW
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import ObjectMissing, ObjectStore


class ShadowSetting(BaseModel):
    """`shadow.json`. `version` "" and `share` 0: there is no shadow, and `by` switched it off at `at`."""

    model_config = ConfigDict(frozen=True)

    version: str = ""
    manifest_sha256: str = ""
    share: float = Field(default=0.0, ge=0, le=1)
    """Of the requests, that are also decided by the version."""
    by: str = ""
    at: datetime | None = None

    @property
    def is_on(self) -> bool:
        """Whether a version is in shadow."""
        return bool(self.version) and self.share > 0


NO_SHADOW = ShadowSetting()


def parse_shadow(body: bytes) -> ShadowSetting:
    """Raises CorruptVersion when `shadow.json` can't be parsed."""
    try:
        return ShadowSetting.model_validate_json(body)
    except ValidationError as error:
        raise CorruptVersion(f"{SHADOW} can't be parsed: {error.error_count()} wrong values") from None


def read_shadow(objects: ObjectStore) -> ShadowSetting:
    """The shadow of a store; `NO_SHADOW` if none was ever set. Raises CorruptVersion, StoreError."""
    try:
        return parse_shadow(objects.get(SHADOW).body)
    except ObjectMissing:
        return NO_SHADOW


def set_shadow(store: ModelStore, version: str, share: float, by: str) -> ShadowSetting:
    """Puts a sealed version into shadow, whatever the gate decided about it.

    A prune first notes what it deletes in the pointer, then looks into `shadow.json`; this writes `shadow.json`, then looks at the
    pointer and for the version. Of the two, one therefore sees the other.

    Raises:
        SettingsError: the share is not above 0 and at most 1, the version is the live one, or a prune is deleting it.
        VersionNotFound, CorruptVersion: as for `ModelStore.manifest`.
    """
    if not 0 < share <= 1:
        raise SettingsError(f"a share of {share:g} is not possible: it must be above 0 and at most 1")
    live = store.published_or_none()
    if live is not None and live.pointer.version == version:
        raise SettingsError(f"{version} is live: only another version can be in shadow")
    store.manifest(version)
    manifest_sha256 = hashlib.sha256(store.objects.get(f"{version}/{MANIFEST}").body).hexdigest()
    setting = _stored(store, ShadowSetting(version=version, manifest_sha256=manifest_sha256, share=share, by=by, at=datetime.now(UTC)))
    try:
        _refuse_pruned(store, version)
    except FieldwiseError:
        end_shadow(store, by)
        raise
    return setting


def _refuse_pruned(store: ModelStore, version: str) -> None:
    live = store.published_or_none()
    if live is not None and version in live.pointer.pruning:
        raise SettingsError(f"{version} is being deleted by a prune: choose another version")
    store.manifest(version)  # a prune that is over has left the pointer, but no manifest


def end_shadow(store: ModelStore, by: str) -> ShadowSetting:
    """Switches the shadow off."""
    return _stored(store, ShadowSetting(by=by, at=datetime.now(UTC)))


def _stored(store: ModelStore, setting: ShadowSetting) -> ShadowSetting:
    store.objects.put(SHADOW, (setting.model_dump_json(indent=1) + "\n").encode())
    return setting
