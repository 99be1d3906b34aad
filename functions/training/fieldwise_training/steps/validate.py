"""validate: malformed data fails before anything costs time; notes the version in production."""

from datetime import UTC, datetime

from fieldwise_common.store.manifest import version_name
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import load_forms, load_guard
from fieldwise_training.release.provenance import code_version
from fieldwise_training.state import RunParameters, RunRequest, RunState
from fieldwise_training.steps.context import TrainingContext


def begin(context: TrainingContext, request: RunRequest, run_id: str) -> RunState:
    """The state before the first step: names the version, and fixes every parameter."""
    return RunState(
        mode=request.mode,
        run_id=run_id,
        version=version_name(request.mode.version_kind, datetime.now(UTC), run_id),
        code=code_version(),
        parent=None,
        parameters=RunParameters.of(request.parameters, context.settings),
    )


def validate(context: TrainingContext, state: RunState) -> RunState:
    """Reads canonical data and forms once, and notes the live version as the parent.

    Raises DataError for malformed data; CorruptVersion when the pointer can't be parsed; StoreError.
    """
    entries = load_canonical(context.data / "canonical")
    load_forms(context.data / "corpus", ids_of(entries))
    load_guard(context.data, ids_of(entries))
    live = context.store.published_or_none()
    return state.model_copy(update={"parent": live.pointer.version if live is not None else None})


def summary(state: RunState) -> str:
    """One line for the console."""
    return f"{state.version}, parent: {state.parent or 'none'}"
