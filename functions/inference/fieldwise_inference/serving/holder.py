"""The version being served: follows the pointer, and never gives up a good version for a bad one."""

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fieldwise_common.errors import FieldwiseError, ModelError, NoVersionPublished, VersionNotFound
from fieldwise_common.observability import count_by_version, logger, metrics, timed_part, traced_part
from fieldwise_common.store import layout
from fieldwise_common.store.model_store import ModelStore, Published, drop_unused
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.observed import observed
from fieldwise_inference.serving.version import load_version


class VersionHolder:
    """Loads the version the pointer names, beside the one being served, and swaps it in with one assignment.

    The pointer is read again at most every `poll_seconds`. Safe to use from several threads.
    """

    def __init__(self, store: ModelStore, cache: Path, poll_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._cache = cache
        self._poll_seconds = poll_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._loaded: LoadedVersion | None = None
        self._made_at = datetime.now(UTC)
        self._etag = ""
        self._checked_at = -math.inf
        self.last_error: str | None = None
        """Why the version the pointer names is not the one being served; None while it is."""

    def current(self) -> LoadedVersion:
        """The version to serve with.

        Raises:
            ModelError, StoreError: only while no version has ever been loaded.
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

    def look_again(self) -> None:
        """The next `current` reads the pointer, whatever the clock says: after a restore it may stand where the snapshot left it."""
        self._checked_at = -math.inf

    def reload(self) -> bool:
        """Follows the pointer now; whether another version was swapped in.

        Raises:
            ModelError, StoreError: the version the pointer names can't be used; the old one, if any, serves on.
        """
        with self._lock:
            self._checked_at = self._clock()
            try:
                changed = self._follow()
            except FieldwiseError as error:
                self.last_error = str(error) if isinstance(error, ModelError) else "the model store can't be read"
                self._etag = ""
                logger.error("model load failed", extra={"error": type(error).__name__, "detail": str(error)})
                is_before_the_first = isinstance(error, NoVersionPublished) and self._loaded is None
                if not is_before_the_first:
                    metrics.add_metric(name="ModelLoadFailed", unit="Count", value=1)
                raise
            self._tell_what_serves()
            return changed

    def _tell_what_serves(self) -> None:
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

    @traced_part("load")
    def _load(self, published: Published) -> LoadedVersion:
        version = published.pointer.version
        with timed_part("store"):
            manifest = self._store.manifest(version, published.pointer.manifest_sha256)
            served = {name: entry for name, entry in manifest.files.items() if name in layout.SERVED}
            files = self._store.fetch(version, served, self._cache)
        loaded = load_version(version, files)
        drop_unused(self._cache, files.values())
        self._made_at = manifest.created_at
        return observed(loaded)
