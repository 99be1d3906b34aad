"""gate, promote, notify: whether the version goes into production, the pointer, and the word to inference."""

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.release import notify as messenger
from fieldwise_training.release import versioning
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def gate(context: TrainingContext, state: RunState) -> RunState:
    """The sealed verdict, unless the version it was measured against is not the one in production any more."""
    verdict = context.store.manifest(state.version, state.manifest_sha256).verdict
    live = context.store.published_or_none()
    current = live.pointer.version if live is not None else None
    if verdict.promote and current not in {state.parent, state.version}:
        verdict = Verdict(promote=False, reason=f"{current} went into production meanwhile: this version was not measured against it")
    etag = live.etag if live is not None else None
    return state.model_copy(update={"promote": verdict.promote, "reason": verdict.reason, "pointer_etag": etag})


def promote(context: TrainingContext, state: RunState) -> RunState:
    """Moves the pointer, if it is as the gate read it. Raises PromotionConflict when it isn't."""
    versioning.promote(context.store, state.version, state.run_id, state.pointer_etag)
    return state.model_copy(update={"promoted": True})


def notify(context: TrainingContext, state: RunState) -> RunState:
    """Tells inference, where there is one to tell; never fails the run."""
    settings = context.settings
    told = messenger.notify(settings.ml_service_reload_url, settings.ml_service_reload_token.get_secret_value(), state.version)
    return state.model_copy(update={"notified": told})
