"""Holds the served version: follows the pointer, the overrides and the shadow, and keeps what serves when the new can't be used."""

import ctypes
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fieldwise_common.errors import FieldwiseError, ModelError, NoVersionPublished, VersionNotFound
from fieldwise_common.observability import count_by_version, logger, metrics
from fieldwise_common.store.layout import OVERRIDES
from fieldwise_common.store.model_store import ModelStore, Published, drop_unused
from fieldwise_common.store.objects import ObjectMissing
from fieldwise_common.store.overrides import Override, Overrides, parse_overrides
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.instrumented import instrumented
from fieldwise_inference.serving.shadow import Live, ShadowHolder, with_same_encoder
from fieldwise_inference.serving.version import load_version, timed

MAX_WAIT_SECONDS = 0.5
"""That a request waits for the pointer to be read, while a loaded version could answer it."""
MAX_LOAD_WAIT_SECONDS = 3.0
"""That each request waits for a new version that is being loaded: less than the five seconds of the backend's patience."""

M_ARENA_MAX = -8
"""glibc's number of this option, from malloc.h."""


def public_message(error: FieldwiseError) -> str:
    """What `/ml/health`, which needs no token, may say of an error: a store's own errors name buckets and paths."""
    return str(error) if isinstance(error, ModelError) else "the model store can't be read"


class VersionHolder:
    """Loads the version that the pointer names while the current one serves, and swaps it in with one assignment.

    Pointer, overrides and shadow are read at most every `poll_seconds`, in a thread of its own: a request waits for it, but if a version is
    loaded not longer than `max_wait_seconds`, and while a new one is loaded, not longer than `max_load_wait_seconds`. In Lambda, the thread
    goes on when the next request arrives. Safe to use from several threads, which share one poll; so the version is loaded once however
    many requests meet a cold process.
    """

    def __init__(
        self,
        store: ModelStore,
        cache: Path,
        poll_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
        max_load_wait_seconds: float = MAX_LOAD_WAIT_SECONDS,
    ) -> None:
        _share_one_heap()
        self._store = store
        self._cache = cache
        self._poll_seconds = poll_seconds
        self._max_wait_seconds = max_wait_seconds
        self._max_load_wait_seconds = max_load_wait_seconds
        self._clock = clock
        self._lock = threading.Lock()
        """Held while the store is read."""
        self._poll_lock = threading.Lock()
        """Of `_poll`; never held while anything is waited for."""
        self._poll: Future[bool] | None = None
        self._is_loading = False
        self._counts: deque[Callable[[], None]] = deque()
        """Metrics that wait for a request: Powertools' are not safe to use from another thread."""
        self._loaded: LoadedVersion | None = None
        self._live: Live | None = None
        self._made_at = datetime.now(UTC)
        self._etag = ""
        self._overrides: Mapping[str, Mapping[str, Override]] = {}
        self._overrides_etag = ""
        self._checked_at = -math.inf
        self.shadow = ShadowHolder(store, cache, partial(self._count, unit="Count", value=1))
        self.phases: Mapping[str, float] = {}
        """Milliseconds that the last load of a version took: `download`, then see `load_version`. They overlap."""
        self.last_error: str | None = None
        """Why the version that the pointer names does not serve; None if it does."""
        self.overrides_error: str | None = None
        """Why the stored overrides are not in force; None if they are."""

    def current(self) -> LoadedVersion:
        """The version to serve with.

        Raises:
            ModelError, StoreError: only if no version has been loaded yet.
        """
        try:
            if self._loaded is None:
                self._join_poll().result()
            else:
                self._wait_for_poll()
        finally:
            self._publish_counts()
        return self._served()

    def caught_up(self) -> LoadedVersion:
        """As `current`, but waits for the poll that is due or going on, however long it takes."""
        try:
            if self._loaded is None or self._is_due() or self._is_polling():
                poll = self._join_poll()
                wait([poll])
                if self._loaded is None:
                    poll.result()
        finally:
            self._publish_counts()
        return self._served()

    def _wait_for_poll(self) -> None:
        """Waits for a slow store once, and briefly; for a version that is being loaded, in each request.

        In Lambda a thread runs only while there is a request: a load that gets a few milliseconds of each would take all day.
        """
        if self._is_due() and not self._is_polling():
            wait([self._join_poll()], self._max_wait_seconds)
        if self._poll is not None and self._is_loading:
            wait([self._poll], self._max_load_wait_seconds)

    def _is_polling(self) -> bool:
        return self._poll is not None and not self._poll.done()

    def _is_due(self) -> bool:
        return self._clock() - self._checked_at >= self._poll_seconds

    def _join_poll(self) -> Future[bool]:
        """The poll that is going on; a new one if none is."""
        with self._poll_lock:
            if self._poll is None or self._poll.done():
                self._poll = Future()
                threading.Thread(target=self._run, args=(self._poll,), name="poll", daemon=True).start()
            return self._poll

    def _run(self, poll: Future[bool]) -> None:
        try:
            with self._lock:
                changed = self._follow_all()
        except FieldwiseError as error:
            poll.set_exception(error.with_traceback(None))  # else it would keep what was being loaded in memory
        except BaseException as error:  # noqa: BLE001 it must not end with the thread
            self.last_error = f"the version can't be loaded: {type(error).__name__}"
            self._etag = ""  # the next poll reads the pointer, and ends the error if it is over
            logger.error("model load failed", extra={"error": type(error).__name__})
            self._count("ModelLoadFailed", "Count", 1)
            poll.set_exception(error.with_traceback(None))
        else:
            poll.set_result(changed)

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
        try:
            with self._lock:
                return self._follow_all()
        finally:
            self._publish_counts()

    def _follow_all(self) -> bool:
        self._checked_at = self._clock()
        try:
            changed = self._follow()
        except FieldwiseError as error:
            self.last_error = public_message(error)
            self._etag = ""
            logger.error("model load failed", extra={"error": type(error).__name__, "detail": str(error)})
            is_before_first_training = isinstance(error, NoVersionPublished) and self._loaded is None
            if not is_before_first_training:
                self._count("ModelLoadFailed", "Count", 1)
            if self._loaded is not None:  # it serves on, so a new override must reach it
                self._follow_overrides()
                self._follow_shadow()
            raise
        self._follow_overrides()
        self._follow_shadow()
        self._report_live_version()
        return changed

    def _count(self, name: str, unit: str, value: float) -> None:
        self._counts.append(partial(metrics.add_metric, name=name, unit=unit, value=value))

    def _publish_counts(self) -> None:
        with suppress(IndexError):
            while True:
                self._counts.popleft()()

    def _report_live_version(self) -> None:
        age = datetime.now(UTC) - self._made_at
        self._count("ModelAgeDays", "Count", age.total_seconds() / 86_400)
        self._counts.append(partial(count_by_version, "ModelVersionLive", 1, self._served().version))

    def _follow(self) -> bool:
        began = time.perf_counter()
        published = self._store.published_if_changed(self._etag) if self._etag else self._store.published()
        self._count("StoreTime", "Milliseconds", 1000 * (time.perf_counter() - began))
        if published is None:
            return False
        is_new = self._loaded is None or self._loaded.version != published.pointer.version
        if is_new:
            self._is_loading = True
            try:
                self._loaded = self._load(published)
            finally:
                self._is_loading = False
            rounded = {phase: round(milliseconds, 1) for phase, milliseconds in self.phases.items()}
            logger.info("model version live", extra={"model_version": published.pointer.version, "milliseconds": rounded})
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
            self._count("ModelLoadFailed", "Count", 1)

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

    def _load(self, published: Published) -> LoadedVersion:
        version = published.pointer.version
        phases: dict[str, float] = {}
        with timed(phases, "download"):
            manifest = self._store.manifest(version, published.pointer.manifest_sha256)
        with self._store.fetching(version, manifest.served, self._cache) as files:
            loaded = load_version(version, files, with_same_encoder(manifest, self._live), phases)
            self._live = Live(loaded, dict(files), manifest)
        phases["download"] += files.milliseconds
        self._count("StoreTime", "Milliseconds", phases["download"])
        self.phases = phases
        self._drop_unused()
        self._made_at = manifest.created_at
        return replace(instrumented(loaded), overrides=self._overrides)


def _share_one_heap() -> None:
    """From now on. Else glibc gives each thread a heap of its own, and what one thread has freed (20 MB here) is of no use to others."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have neither
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
