"""The parent: the version that was live when the run began. What has not changed since is copied from it."""

from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.observability import logger
from fieldwise_common.store.manifest import Manifest
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def parent_manifest(context: TrainingContext, state: RunState) -> Manifest | None:
    """The parent's manifest; None if the run has no parent, or if its manifest can't be read (logged as a warning)."""
    if state.parent is None:
        return None
    try:
        return context.store.manifest(state.parent)
    except (VersionNotFound, CorruptVersion) as error:
        logger.warning("nothing can be reused from the version in production", extra={"parent": state.parent, "detail": str(error)})
        return None


def promised_budget(context: TrainingContext, state: RunState) -> float | None:
    """The budget for wrong fills (share of fills, 0..1) that the parent was made with; None if it has none."""
    parent = parent_manifest(context, state)
    return parent.parameters.get("wrong_fill_budget") if parent is not None else None
