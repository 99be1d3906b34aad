"""validate: refuses what can't work before anything costs time, and names the version."""

from datetime import UTC, datetime

from fieldwise_common.store.manifest import version_name
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms
from fieldwise_training.release.provenance import code_version
from fieldwise_training.state import Mode, RunParameters, RunRequest, RunState
from fieldwise_training.steps.context import TrainingContext

NOT_YET = "full-train did what build-index-feedback does: calibration of thresholds and fine-tuning of the encoder are not there yet"


def validate(context: TrainingContext, request: RunRequest, run_id: str) -> RunState:
    """The first state of a run: all parameters known, the data read once, the live version noted as the parent.

    Raises DataError for malformed data; CorruptVersion when the pointer can't be read; StoreError.
    """
    entries = load_canonical(context.data / "canonical")
    load_forms(context.data / "corpus", ids_of(entries))
    live = context.store.published_or_none()
    return RunState(
        mode=request.mode,
        run_id=run_id,
        version=version_name(request.mode.version_kind, datetime.now(UTC), run_id),
        code=code_version(),
        parent=live.pointer.version if live is not None else None,
        parameters=RunParameters.of(request.parameters, context.settings),
        note=NOT_YET if request.mode is Mode.FULL_TRAIN else None,
    )
