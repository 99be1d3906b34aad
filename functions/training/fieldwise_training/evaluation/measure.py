"""Measures a version and its champion on the same forms. What the champion recorded of itself is not measured again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from pydantic import ValidationError

from fieldwise_common.errors import CorruptVersion, DataError, VersionNotFound
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import Manifest
from fieldwise_common.store.model_store import ModelStore
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.version import load_version
from fieldwise_training.evaluation.metrics import Measured, measured
from fieldwise_training.evaluation.predictions import Part, Predictions, PredictionsFile, TruthForm, digest, outcomes, predict_part
from fieldwise_training.progress.report import OnProgress, ignore_progress
from fieldwise_training.release.draft import Draft, temporary_folder

Parts = Mapping[Part, Sequence[TruthForm]]
"""The forms of each part."""


@contextmanager
def loaded_draft(draft: Draft) -> Iterator[LoadedVersion]:
    """A version that is not sealed yet. Raises CorruptVersion when inference could not serve it."""
    served = [name for name in draft.names() if name in layout.SERVED]
    with temporary_folder() as folder:
        yield without_budget(load_version(draft.version, draft.download(served, folder)))


def without_budget(version: LoadedVersion) -> LoadedVersion:
    """The version as it would decide without a budget for wrong fills: fields that a budget leaves empty are no loss of quality."""
    return replace(version, thresholds=version.thresholds.without_budget())


@contextmanager
def _loaded(store: ModelStore, manifest: Manifest) -> Iterator[LoadedVersion]:
    with temporary_folder() as folder:
        yield without_budget(load_version(manifest.version, store.fetch(manifest.version, manifest.served, folder)))


def predict_parts(version: LoadedVersion, parts: Parts, on_progress: OnProgress = ignore_progress) -> dict[Part, Predictions]:
    """What a version predicts for each part. Raises DataError if there are no forms to evaluate on; other parts may be empty."""
    if Part.EVALUATION in parts and not parts[Part.EVALUATION]:
        raise DataError("there are no forms to evaluate on")
    return {part: predict_part(version, part, forms, on_progress) for part, forms in parts.items()}


def measure_champion(
    store: ModelStore, version: str, code: str, parts: Parts, on_progress: OnProgress = ignore_progress
) -> tuple[dict[Part, Predictions] | None, str | None]:
    """What the version in production predicts for each part. If it is broken, returns the reason: that must not stop its successor.

    Predictions that it recorded are used if they were made by the same `code` for the same forms.
    """
    try:
        manifest = store.manifest(version)
        recorded = recorded_predictions(store, manifest) if manifest.code_version == code else {}
        found = {part: own for part, own in recorded.items() if part in parts and own.forms_sha256 == digest(parts[part])}
        remaining = {part: forms for part, forms in parts.items() if part not in found}
        if remaining:
            with _loaded(store, manifest) as loaded:
                found |= predict_parts(loaded, remaining, on_progress)
        return found, None
    except (CorruptVersion, VersionNotFound) as error:
        return None, str(error)


def recorded_predictions(store: ModelStore, manifest: Manifest) -> dict[Part, Predictions]:
    """What a version recorded of its own predictions; nothing if it is of an earlier release, or if the record is damaged."""
    entry = manifest.files.get(layout.PREDICTIONS)
    if entry is None:
        return {}
    try:
        with temporary_folder() as folder:
            body = store.fetch(manifest.version, {layout.PREDICTIONS: entry}, folder)[layout.PREDICTIONS].read_bytes()
        return dict(PredictionsFile.model_validate_json(body).parts)
    except (CorruptVersion, ValidationError) as error:
        logger.warning("the recorded predictions can't be used", extra={"version": manifest.version, "error": type(error).__name__})
        return {}


def measured_on(version: str, forms: Sequence[TruthForm], predictions: Predictions) -> Measured:
    """All metrics of a version, from its predictions for `forms`."""
    return measured(version, outcomes(forms, predictions), predictions.by_method)
