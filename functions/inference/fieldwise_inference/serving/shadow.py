"""A candidate version in shadow: it decides a share of the requests after the live version, and nobody but the log gets its decisions.

Whatever happens to the candidate, the live answer is unharmed: it is complete before the candidate is asked, and every exception
is caught, counted as `ShadowFailed`, and logged by its type. What can't be caught is memory that runs out: an instance holds both.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aws_lambda_powertools.metrics import MetricUnit

from fieldwise_common.observability import logger, metrics, timed_part
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import Manifest
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.store.objects import ObjectMissing
from fieldwise_common.store.shadow import NO_SHADOW, ShadowSetting, parse_shadow
from fieldwise_common.wire import MlClassifyRequest, MlClassifyResponse, Shadow, ShadowDecision
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.version import load_version

FAILED = "ShadowFailed"
MAX_FAILURES = 5
"""In a row, after which an instance leaves the candidate alone until `shadow.json` changes."""
MAX_LIVE_SECONDS = 0.5
"""A request that took the live version longer is not decided twice: Lambda answers only when the candidate is done too."""
MAX_SHADOW_SECONDS = 1.0
"""A candidate that takes longer counts as failed."""


@dataclass(frozen=True, slots=True)
class Live:
    """The live version without instruments, the local paths of its files by name, and its manifest."""

    version: LoadedVersion
    files: Mapping[str, Path]
    manifest: Manifest


def with_same_encoder(manifest: Manifest, live: Live | None) -> LoadedVersion | None:
    """The live version if its encoder's files are those of the manifest: a new version then shares its encoder."""
    is_same = live is not None and all(manifest.files.get(name) == live.manifest.files.get(name) for name in layout.ENCODER)
    return live.version if live is not None and is_same else None


class ShadowHolder:
    """Follows `shadow.json`, and holds the candidate that it names. No method raises."""

    def __init__(self, store: ModelStore, cache: Path, count: Callable[[str], None]) -> None:
        """`count` gets the name of a metric when `follow` fails, which may be in another thread than a request's."""
        self._store = store
        self._cache = cache
        self._count = count
        self._setting = NO_SHADOW
        self._etag = ""
        self._candidate: LoadedVersion | None = None
        self._failures = 0
        self.files: Mapping[str, Path] = {}
        """The local paths of the candidate's files, which must stay in the download cache."""

    @property
    def state(self) -> Mapping[str, str | bool] | None:
        """The version in shadow, and whether this instance asks it; None if none is set."""
        if not self._setting.is_on:
            return None
        return {"model_version": self._setting.version, "is_asked": self._candidate is not None}

    def follow(self, live: Live) -> bool:
        """Reads the setting, and loads the candidate if it is new; returns whether `files` has changed."""
        before = self.files
        try:
            self._read_setting()
            wanted = self._setting.is_on and self._setting.version != live.version.version and self._failures < MAX_FAILURES
            if not wanted:
                self._candidate, self.files = None, {}
            elif self._candidate is None or self._candidate.version != self._setting.version:
                self._load(live)
        except Exception as error:  # noqa: BLE001 a candidate must never harm the live version
            self._fail(error)
            self._count(FAILED)
        return self.files != before

    def answer(self, request: MlClassifyRequest, given: MlClassifyResponse, live: LoadedVersion, seconds: float) -> Shadow | None:
        """What the candidate decides about a request that `live` has answered with `given` in `seconds`; None if it is not asked.

        It decides with the live overrides and its own `sites.json`.
        """
        candidate = self._candidate
        if candidate is None or candidate.version == live.version or not self._chooses(given.request_id) or seconds > MAX_LIVE_SECONDS:
            return None
        began = time.perf_counter()
        try:
            with timed_part("shadow"):
                made = classify(replace(candidate, overrides=live.overrides), request)
            shadow = Shadow(model_version=made.model_version, decisions=tuple(ShadowDecision(**dict(one)) for one in made.decisions))
            if time.perf_counter() - began > MAX_SHADOW_SECONDS:
                raise TimeoutError
        except Exception as error:  # noqa: BLE001 a candidate must never harm the live answer
            self._fail(error)
            metrics.add_metric(name=FAILED, unit=MetricUnit.Count, value=1)
            return None
        self._failures = 0
        return shadow

    def _chooses(self, request_id: str) -> bool:
        """Whether a request is among the share: by its id, which is random, so that the log alone shows which requests were chosen."""
        return int(request_id[:8], 16) < self._setting.share * 16**8

    def _read_setting(self) -> None:
        try:
            objects = self._store.objects
            found = objects.get_if_changed(layout.SHADOW, self._etag) if self._etag else objects.get(layout.SHADOW)
        except ObjectMissing:
            self._change(NO_SHADOW, "")
            return
        if found is not None:
            self._change(parse_shadow(found.body), found.etag)

    def _change(self, setting: ShadowSetting, etag: str) -> None:
        if setting.version != self._setting.version:
            self._candidate = None
        if etag != self._etag:
            self._failures = 0
        self._setting, self._etag = setting, etag

    def _load(self, live: Live) -> None:
        """Loads the candidate. If its encoder's files are the live version's, it shares the encoder: its memory, and its cached vectors."""
        self._candidate = None
        manifest = self._store.manifest(self._setting.version, self._setting.manifest_sha256)
        files = self._store.fetch(self._setting.version, manifest.served, self._cache)
        self._candidate = load_version(self._setting.version, files, with_same_encoder(manifest, live))
        self.files = files
        logger.info("version in shadow", extra={"model_version": self._setting.version, "share": self._setting.share})

    def _fail(self, error: Exception) -> None:
        self._failures += 1
        is_off = self._failures >= MAX_FAILURES
        extra = {"error": type(error).__name__, "model_version": self._setting.version, "failures": self._failures, "switched_off": is_off}
        logger.error("shadow failed: the live version answers alone", extra=extra)
        if is_off:
            self._candidate = None
