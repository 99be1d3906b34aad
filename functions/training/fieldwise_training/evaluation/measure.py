"""Measures a version and its champion on the same forms. What the champion recorded of itself is not measured again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import ValidationError

from fieldwise_common.errors import CorruptVersion, DataError, VersionNotFound
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import Manifest
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswers
from fieldwise_inference.serving.version import load_version
from fieldwise_training.evaluation.metrics import Measured, measured
from fieldwise_training.evaluation.predictions import Part, Predictions, PredictionsFile, TruthForm, digest, outcomes, predict_part
from fieldwise_training.progress.report import OnProgress, ignore_progress
from fieldwise_training.release.draft import Draft, temporary_folder

Parts = Mapping[Part, Sequence[TruthForm]]
"""The forms of each part."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The version in production: what it predicts for each part, and its answers for sites."""

    version: str
    predictions: Mapping[Part, Predictions]
    sites: SiteAnswers


@contextmanager
def loaded_draft(draft: Draft) -> Iterator[LoadedVersion]:
    """A version that is not sealed yet. Raises CorruptVersion when inference could not serve it."""
    served = [name for name in draft.names() if name in layout.SERVED]
    with temporary_folder() as folder:
        yield load_version(draft.version, draft.download(served, folder))


@contextmanager
def _loaded(store: ModelStore, manifest: Manifest) -> Iterator[LoadedVersion]:
    served = {name: entry for name, entry in manifest.files.items() if name in layout.SERVED}
    with temporary_folder() as folder:
        yield load_version(manifest.version, store.fetch(manifest.version, served, folder))


def predict_parts(version: LoadedVersion, parts: Parts, on_progress: OnProgress = ignore_progress) -> dict[Part, Predictions]:
    """What a version predicts for each part. Raises DataError if there are no forms to evaluate on; other parts may be empty."""
    if Part.EVALUATION in parts and not parts[Part.EVALUATION]:
        raise DataError("there are no forms to evaluate on")
    return {part: predict_part(version, part, forms, on_progress) for part, forms in parts.items()}


def measure_champion(
    store: ModelStore, version: str, code: str, parts: Parts, on_progress: OnProgress = ignore_progress
) -> tuple[Champion | None, str | None]:
    """The version in production. If it is broken, returns the reason instead: that must not stop its successor.

    Predictions that it recorded are used if they were made by the same `code` for the same forms.
    """
    try:
        manifest = store.manifest(version)
        recorded = _recorded(store, manifest) if manifest.code_version == code else {}
        found = {part: own for part, own in recorded.items() if part in parts and own.forms_sha256 == digest(parts[part])}
        remaining = {part: forms for part, forms in parts.items() if part not in found}
        sites = _sites(store, manifest)
        if remaining:
            with _loaded(store, manifest) as loaded:
                found |= predict_parts(loaded, remaining, on_progress)
        return Champion(version, found, sites), None
    except (CorruptVersion, VersionNotFound) as error:
        return None, str(error)


def _recorded(store: ModelStore, manifest: Manifest) -> dict[Part, Predictions]:
    """What a version recorded of its own predictions; nothing if it is of an earlier release."""
    body = _read(store, manifest, layout.PREDICTIONS)
    if body is None:
        return {}
    try:
        return dict(PredictionsFile.model_validate_json(body).parts)
    except ValidationError as error:
        logger.warning("the recorded predictions can't be parsed", extra={"version": manifest.version, "wrong": error.error_count()})
        return {}


def _sites(store: ModelStore, manifest: Manifest) -> SiteAnswers:
    """The answers of a version for sites. Raises CorruptVersion when they can't be parsed."""
    body = _read(store, manifest, layout.SITES)
    try:
        return SiteAnswers.model_validate_json(body) if body is not None else NO_SITES
    except ValidationError as error:
        raise CorruptVersion(f"{manifest.version}/{layout.SITES}: {error.error_count()} wrong values") from error


def _read(store: ModelStore, manifest: Manifest, name: str) -> bytes | None:
    """A verified file of a version; None if it has no such file."""
    if name not in manifest.files:
        return None
    with temporary_folder() as folder:
        return store.fetch(manifest.version, {name: manifest.files[name]}, folder)[name].read_bytes()


def measured_on(version: str, forms: Sequence[TruthForm], predictions: Predictions) -> Measured:
    """All metrics of a version, from its predictions for `forms`."""
    return measured(version, outcomes(forms, predictions), predictions.by_method)
