"""The version that was live when the run began: what has not changed since is taken over from it."""

from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.observability import logger
from fieldwise_common.store.manifest import Manifest
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def parent_manifest(context: TrainingContext, state: RunState) -> Manifest | None:
    """The parent's manifest; None, with a warning where there should be one, when nothing can be built on it."""
    if state.parent is None:
        return None
    try:
        return context.store.manifest(state.parent)
    except (VersionNotFound, CorruptVersion) as error:
        logger.warning("the version in production can't be built on", extra={"parent": state.parent, "detail": str(error)})
        return None
