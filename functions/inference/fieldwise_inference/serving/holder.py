"""Holds the served version: follows the pointer, the overrides and the shadow, and keeps what serves when the new can't be used."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from fieldwise_common.errors import FieldwiseError, ModelError, NoVersionPublished, VersionNotFound
from fieldwise_common.observability import count_by_version, logger, metrics, timed_part, traced_part
from fieldwise_common.store.layout import OVERRIDES
from fieldwise_common.store.model_store import ModelStore, Published, drop_unused
from fieldwise_common.store.objects import ObjectMissing
from fieldwise_common.store.overrides import Override, Overrides, parse_overrides
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.instrumented import instrumented
from fieldwise_inference.serving.shadow import Live, ShadowHolder
from fieldwise_inference.serving.version import load_version


def public_message(error: FieldwiseError) -> str:
    """What `/ml/health`, which needs no token, may say of an error: a store's own errors name buckets and paths."""
    return str(error) if isinstance(error, ModelError) else "the model store can't be read"


class VersionHolder:
    """Loads the version that the pointer names while the current one serves, and swaps it in with one assignment.

    Pointer, overrides and shadow are read at most every `poll_seconds`. Safe to use from several threads.
    """

    def __init__(self, store: ModelStore, cache: Path, poll_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._cache = cache
        self._poll_seconds = poll_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._loaded: LoadedVersion | None = None
        self._live: Live | None = None
        self._made_at = datetime.now(UTC)
        self._etag = ""
        self._overrides: Mapping[str, Mapping[str, Override]] = {}
        self._overrides_etag = ""
        self._checked_at = -math.inf
        self.shadow = ShadowHolder(store, cache)
        self.phases: Mapping[str, float] = {}
        """Milliseconds that the last load of a version took, by phase."""
        self.last_error: str | None = None
        """Why the version that the pointer names does not serve; None if it does."""
        self.overrides_error: str | None = None
        """Why the stored overrides are not in force; None if they are."""

    def current(self) -> LoadedVersion:
        """The version to serve with.

        Raises:
            ModelError, StoreError: only if no version has been loaded yet.
        """
        is_due = self._clock() - self._checked_at >= self._poll_seconds
        if self._loaded is not None and not is_due:
            return self._loaded
        try:
            self.reload()
        except FieldwiseError:
            if self._loaded is None:
                raise
        return self._served()

    def _served(self) -> LoadedVersion:
        if self._loaded is None:
            raise VersionNotFound("no version is loaded")
        return self._loaded

    def poll_next(self) -> None:
        """Makes the next `current` read the pointer, even if a snapshot restored an old clock."""
        self._checked_at = -math.inf

    def reload(self) -> bool:
        """Follows the pointer now; returns whether another version was swapped in.

        Raises:
            ModelError, StoreError: when the version that the pointer names can't be used; the old one, if any, serves on.
        """
        with self._lock:
            self._checked_at = self._clock()
            try:
                changed = self._follow()
            except FieldwiseError as error:
                self.last_error = public_message(error)
                self._etag = ""
                logger.error("model load failed", extra={"error": type(error).__name__, "detail": str(error)})
                is_before_first_training = isinstance(error, NoVersionPublished) and self._loaded is None
                if not is_before_first_training:
                    metrics.add_metric(name="ModelLoadFailed", unit="Count", value=1)
                if self._loaded is not None:  # it serves on, so a new override must reach it
                    self._follow_overrides()
                    self._follow_shadow()
                raise
            self._follow_overrides()
            self._follow_shadow()
            self._report_live_version()
            return changed

    def _report_live_version(self) -> None:
        age = datetime.now(UTC) - self._made_at
        metrics.add_metric(name="ModelAgeDays", unit="Count", value=age.total_seconds() / 86_400)
        count_by_version("ModelVersionLive", 1, self._served().version)

    def _follow(self) -> bool:
        with timed_part("store"):
            published = self._store.published_if_changed(self._etag) if self._etag else self._store.published()
        if published is None:
            return False
        is_new = self._loaded is None or self._loaded.version != published.pointer.version
        if is_new:
            self._loaded = self._load(published)
            logger.info("model version live", extra={"model_version": published.pointer.version})
        self._etag = published.etag
        self.last_error = None
        return is_new

    def _follow_overrides(self) -> None:
        """Reads the overrides if they have changed. If they can't be read, those in force stay, and health says why."""
        try:
            objects, etag = self._store.objects, self._overrides_etag
            found = objects.get_if_changed(OVERRIDES, etag) if etag else objects.get(OVERRIDES)
            if found is not None:
                self._put_in_force(parse_overrides(found.body), found.etag)
            self.overrides_error = None
        except ObjectMissing:
            self._put_in_force(Overrides(), "")
            self.overrides_error = None
        except FieldwiseError as error:
            self.overrides_error = public_message(error)
            logger.error("overrides refused: those in force stay", extra={"error": type(error).__name__, "detail": str(error)})
            metrics.add_metric(name="ModelLoadFailed", unit="Count", value=1)

    def _put_in_force(self, overrides: Overrides, etag: str) -> None:
        by_site: dict[str, dict[str, Override]] = {}
        for override in overrides.overrides:
            by_site.setdefault(override.site, {})[override.signature] = override
        self._overrides, self._overrides_etag = by_site, etag
        if self._served().overrides != by_site:
            self._loaded = replace(self._served(), overrides=by_site)
            logger.info("overrides in force", extra={"overrides": len(overrides.overrides)})

    def _follow_shadow(self) -> None:
        if self._live is not None and self.shadow.follow(self._live):
            self._drop_unused()

    def _drop_unused(self) -> None:
        live = self._live.files if self._live is not None else {}
        drop_unused(self._cache, [*live.values(), *self.shadow.files.values()])

    @traced_part("load")
    def _load(self, published: Published) -> LoadedVersion:
        version = published.pointer.version
        with timed_part("store"):
            manifest = self._store.manifest(version, published.pointer.manifest_sha256)
            files = self._store.fetch(version, manifest.served, self._cache)
        loaded = load_version(version, files)
        self._live = Live(loaded, files)
        self._drop_unused()
        self._made_at = manifest.created_at
        return replace(instrumented(loaded), overrides=self._overrides)
