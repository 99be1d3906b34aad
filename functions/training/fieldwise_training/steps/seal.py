"""seal: the verdict, the report, and last of all the manifest; a rejected version is sealed too."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from fieldwise_common.store.manifest import FileEntry, Manifest, Verdict, as_json
from fieldwise_training.evaluation.gate import judge
from fieldwise_training.evaluation.metrics import Metrics
from fieldwise_training.evaluation.report import render
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import CANONICAL_FILE, CORPUS_FILE, EVALUATION_FILE, FEEDBACK_FILE, TrainingContext
from fieldwise_training.steps.encoder import BASE_MODEL_DATA, encoder_entries, encoder_identity
from fieldwise_training.steps.evaluate import METRICS_FILE
from fieldwise_training.steps.ranker import ranker_entries, ranker_identity

REPORT_FILE = "report.html"


def seal(context: TrainingContext, state: RunState) -> RunState:
    """Closes the version; one that is sealed already stays as it is, so that a repeated step changes nothing.

    Raises CorruptVersion when a file taken over from the parent is not what it was there.
    """
    draft = context.draft(state)
    manifest = draft.sealed()
    if manifest is None:
        metrics = Metrics.model_validate_json(draft.read(METRICS_FILE))
        verdict = judge(metrics, state.mode, state.parameters.min_accuracy)
        draft.write(REPORT_FILE, render(metrics, verdict, _facts(state)))
        manifest = _manifest(state, draft.entries(_taken_over(context, state)), metrics, verdict)
        context.store.seal(manifest)
    return state.model_copy(update={"manifest_sha256": hashlib.sha256(as_json(manifest)).hexdigest()})


def _taken_over(context: TrainingContext, state: RunState) -> dict[str, FileEntry]:
    """The files that were copied from the parent, as its manifest has them."""
    if state.parent is None or not (state.encoder_reused or state.ranker_reused):
        return {}
    parent = context.store.manifest(state.parent)
    return (encoder_entries(parent) if state.encoder_reused else {}) | (ranker_entries(parent) if state.ranker_reused else {})


def _manifest(state: RunState, files: dict[str, FileEntry], metrics: Metrics, verdict: Verdict) -> Manifest:
    data = {"canonical": CANONICAL_FILE, "evaluation": EVALUATION_FILE, "corpus": CORPUS_FILE, "feedback": FEEDBACK_FILE}
    return Manifest(
        version=state.version,
        created_at=datetime.now(UTC),
        mode=state.mode,
        parent=state.parent,
        code_version=state.code,
        run_id=state.run_id,
        files=files,
        data={name: files[file].sha256 for name, file in data.items()} | {BASE_MODEL_DATA: state.base_model_sha256 or ""},
        parameters=state.parameters.model_dump()
        | {"encoder": encoder_identity(state.parameters), "ranker": ranker_identity(state.parameters)},
        metrics=_summary(state, metrics),
        verdict=verdict,
    )


def _summary(state: RunState, metrics: Metrics) -> dict[str, Any]:
    """The figures one compares versions by; the rest is in `metrics.json`."""
    return {
        **metrics.candidate.overall.model_dump(),
        "champion": metrics.champion.overall.model_dump() if metrics.champion is not None else None,
        "encoder": metrics.encoder.model_dump(mode="json") if metrics.encoder is not None else None,
        "index_size": state.index_size,
        "ranker": {"fields": state.ranker_fields, "calibration_error": state.calibration_error},
        "feedback": {
            "confirmed": state.feedback_confirmed,
            "rejected": state.feedback_rejected,
            "quarantined": state.feedback_quarantined,
        },
    }


def _facts(state: RunState) -> dict[str, str]:
    """What a reader of the report wants to know of the run."""
    return {
        "mode": state.mode,
        "run": state.run_id,
        "code": state.code,
        "parent": state.parent or "none: the first version",
        "synonyms": str(state.entries),
        "vectors in the index": str(state.index_size),
        "feedback pairs": f"{state.feedback_confirmed} confirmed, {state.feedback_rejected} rejected",
        "feedback rows of no use": str(state.feedback_quarantined),
        "ranker": _ranker_fact(state),
        "encoder": "taken over from the parent" if state.encoder_reused else "exported in this run",
        **_encoder_facts(state),
    } | ({"note": state.note} if state.note else {})


def _encoder_facts(state: RunState) -> dict[str, str]:
    if state.encoder is None:
        return {}
    cosines = ", ".join(f"{precision} {cosine:.4f}" for precision, cosine in state.encoder.lowest_cosine.items())
    return {"precision of the encoder": state.encoder.precision, "lowest cosine to the base model": cosines}


def _ranker_fact(state: RunState) -> str:
    if state.ranker_fields is None:
        return "none"
    how = "taken over from the parent, " if state.ranker_reused else ""
    return f"{how}fitted on {state.ranker_fields} fields, calibration error {state.calibration_error}"
