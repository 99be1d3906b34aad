"""The parent: the version that was live when the run began. What has not changed since is copied from it."""

import hashlib

from fieldwise_common.errors import CorruptVersion, VersionNotFound
from fieldwise_common.observability import logger
from fieldwise_common.store import layout
from fieldwise_common.store.manifest import Manifest
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext

INPUTS = ("canonical", "corpus")
"""What encoder and ranker are made from besides feedback, by its key in `layout.DATA`."""


def has_same_inputs(context: TrainingContext, state: RunState, parent: Manifest) -> bool:
    """Whether the parent was made from the same synonyms and authored forms."""
    draft = context.draft(state)
    hashes = {name: hashlib.sha256(draft.read(layout.DATA[name]).encode()).hexdigest() for name in INPUTS}
    return all(parent.data.get(name) == sha256 for name, sha256 in hashes.items())


def parent_manifest(context: TrainingContext, state: RunState) -> Manifest | None:
    """The parent's manifest; None if the run has no parent, or if its manifest can't be read (logged as a warning)."""
    if state.parent is None:
        return None
    try:
        return context.store.manifest(state.parent)
    except (VersionNotFound, CorruptVersion) as error:
        logger.warning("nothing can be reused from the version in production", extra={"parent": state.parent, "detail": str(error)})
        return None
