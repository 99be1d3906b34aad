"""gate: whether the version may go into production."""

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def gate(context: TrainingContext, state: RunState) -> RunState:
    """Repeats the sealed verdict, but rejects the version if another one than its parent, which it was compared with, is live by now."""
    verdict = context.store.manifest(state.version, state.manifest_sha256).verdict
    live = context.store.published_or_none()
    current = live.pointer.version if live is not None else None
    if verdict.promote and current not in {state.parent, state.version}:
        verdict = Verdict(promote=False, reason=f"{current} was promoted during this run: this version was not compared with it")
    etag = live.etag if live is not None else None
    return state.model_copy(update={"promote": verdict.promote, "reason": verdict.reason, "pointer_etag": etag})


def summary(state: RunState) -> str:
    """One line for the console."""
    return f"{'passed' if state.promote else 'rejected'}: {state.reason}"
