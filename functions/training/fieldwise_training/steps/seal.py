"""seal: the verdict, the report, and last of all the manifest. A rejected version is sealed too."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fieldwise_common.store import layout
from fieldwise_common.store.manifest import FileEntry, Manifest, Verdict, as_json
from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.details import CalibrationDetails, FineTuningDetails
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.evaluation.report.content import ReportContent
from fieldwise_training.evaluation.report.page import render
from fieldwise_training.evaluation.shadow import Shadows
from fieldwise_training.evaluation.verdict import Check, checks, judge
from fieldwise_training.feedback.learned import Learned
from fieldwise_training.release.draft import Draft
from fieldwise_training.state import RunState
from fieldwise_training.steps import encoder, load, ranker
from fieldwise_training.steps.context import TrainingContext


def seal(context: TrainingContext, state: RunState) -> RunState:
    """Closes the version. A version that is already sealed is not changed, so that the step can be repeated.

    Raises CorruptVersion when a file that was copied from the parent differs from the parent's manifest.
    """
    draft = context.draft(state)
    manifest = draft.sealed()
    if manifest is None:
        draft.remove(layout.CHECKPOINTS)
        metrics = Metrics.model_validate_json(draft.read(layout.METRICS))
        verdict = judge(metrics, state.mode, state.parameters.min_accuracy)
        made = checks(metrics, state.parameters.min_accuracy)
        files = draft.entries(_copied(context, state))
        manifest = _manifest(state, files, metrics, verdict)
        draft.write(layout.REPORT, render(_content(draft, state, manifest, metrics, made)))
        manifest = manifest.model_copy(update={"files": {**files, layout.REPORT: draft.entry(layout.REPORT)}})
        context.store.seal(manifest)
    return state.model_copy(update={"manifest_sha256": hashlib.sha256(as_json(manifest)).hexdigest()})


def _content(draft: Draft, state: RunState, manifest: Manifest, metrics: Metrics, made: Sequence[Check]) -> ReportContent:
    """`made`: the checks behind the verdict."""
    fine_tuning = draft.read(layout.FINE_TUNING) if layout.FINE_TUNING in manifest.files else None
    calibration = draft.read(layout.CALIBRATION) if layout.CALIBRATION in manifest.files else None
    return ReportContent(
        metrics=metrics,
        verdict=manifest.verdict,
        checks=made,
        made_at=manifest.created_at,
        learned=Learned.model_validate_json(draft.read(layout.LEARNED)),
        feedback=state.feedback,
        learning=state.learning,
        shadows=Shadows.model_validate_json(draft.read(layout.SHADOWS)),
        is_ranker_reused=bool(state.ranker_reused),
        fine_tuning=state.fine_tuning,
        fine_tuning_details=FineTuningDetails.model_validate_json(fine_tuning) if fine_tuning is not None else None,
        calibration=CalibrationDetails.model_validate_json(calibration) if calibration is not None else None,
        seconds=state.seconds,
        facts=_facts(state),
        parameters=state.parameters.model_dump(),
        data=manifest.data,
    )


def _copied(context: TrainingContext, state: RunState) -> dict[str, FileEntry]:
    """The files that were copied from the parent, with their entries in its manifest."""
    if state.parent is None or not (state.encoder_reused or state.ranker_reused):
        return {}
    parent = context.store.manifest(state.parent)
    reused_encoder = encoder.encoder_entries(parent) if state.encoder_reused else {}
    return reused_encoder | (ranker.ranker_entries(parent) if state.ranker_reused else {})


def _manifest(state: RunState, files: dict[str, FileEntry], metrics: Metrics, verdict: Verdict) -> Manifest:
    return Manifest(
        version=state.version,
        created_at=datetime.now(UTC),
        mode=state.mode,
        parent=state.parent,
        code_version=state.code,
        run_id=state.run_id,
        files=files,
        data={name: files[file].sha256 for name, file in layout.DATA.items()} | {encoder.BASE_MODEL_DATA: state.base_model_sha256 or ""},
        parameters=state.parameters.model_dump()
        | {"encoder": encoder.encoder_identity(state.parameters, state.fine_tuning), "ranker": ranker.ranker_identity(state)},
        metrics=_key_figures(state, metrics),
        verdict=verdict,
    )


def _key_figures(state: RunState, metrics: Metrics) -> dict[str, Any]:
    """The figures to compare versions by; the rest is in `metrics.json`."""
    return {
        **metrics.candidate.overall.model_dump(),
        "champion": metrics.champion.overall.model_dump() if metrics.champion is not None else None,
        "gate": {
            "evaluation": _counts(metrics.evaluation),
            "guard": _counts(metrics.guard),
            "held_out_votes": _counts(metrics.held_out_votes),
            "agreed": _counts(metrics.agreed),
        },
        "encoder": metrics.encoder.model_dump(mode="json") if metrics.encoder is not None else None,
        "index_size": state.index_size,
        "index": state.index.model_dump() if state.index is not None else None,
        "ranker": {
            "fields": state.ranker_fields,
            "calibration_error": state.calibration_error,
            "learning": state.learning.model_dump() if state.learning is not None else None,
        },
        "calibration": state.calibration.model_dump() if state.calibration is not None else None,
        "feedback": state.feedback.model_dump() if state.feedback is not None else None,
    }


def _counts(comparison: Comparison) -> dict[str, Any]:
    return comparison.model_dump(exclude={"flipped"})


def _facts(state: RunState) -> dict[str, str]:
    """What a reader of the report wants to know about the run."""
    facts = {
        "mode": state.mode,
        "run": state.run_id,
        "code": state.code,
        "parent": state.parent or "none: the first version",
        "synonyms": str(state.entries),
        "vectors in the index": str(state.index_size),
        "feedback": load.feedback_summary(state),
        "encoder": encoder.summary(state),
        "ranker": ranker.summary(state),
    }
    return facts | ({"note": state.note} if state.note else {})


def summary(_: RunState) -> str:
    """One line for the console."""
    return "report and manifest written"
