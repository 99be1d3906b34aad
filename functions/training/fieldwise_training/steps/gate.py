"""gate: whether the version may go into production."""

from fieldwise_common.events import BudgetVoided, Rejected, Superseded
from fieldwise_training.state import Mode, RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.parent import promised_budget


def gate(context: TrainingContext, state: RunState) -> RunState:
    """Repeats the sealed verdict; supersedes a good version if another one than its parent, which it was compared with, is live by now."""
    verdict = context.store.manifest(state.version, state.manifest_sha256).verdict
    _publish_voided_budget(context, state)
    published = context.store.published_or_none()
    live = published.pointer.version if published is not None else None
    if verdict.promote and live not in {state.parent, state.version}:
        return superseded(context, state, live)
    if not verdict.promote and state.mode is not Mode.SMOKE_TEST:
        context.events.publish(Rejected(run_id=state.run_id, version=state.version, live=live, mode=state.mode, reason=verdict.reason))
    return state.model_copy(update={"promote": verdict.promote, "reason": verdict.reason})


def _publish_voided_budget(context: TrainingContext, state: RunState) -> None:
    """Whatever becomes of the run's version: the budget is that of the version which was live when the run began, not the run's own."""
    budget = promised_budget(context, state) if state.calibration is not None and state.calibration.is_void else None
    if budget is not None:
        context.events.publish(BudgetVoided(run_id=state.run_id, version=state.parent, budget=budget))


def superseded(context: TrainingContext, state: RunState, live: str | None) -> RunState:
    """The end of a run during which another version, `live`, was promoted or rolled back to."""
    reason = f"{live or 'no version'} went live during this run, and this version was not compared with it: train again"
    context.events.publish(Superseded(run_id=state.run_id, version=state.version, live=live, mode=state.mode, reason=reason))
    return state.model_copy(update={"promote": False, "promoted": False, "superseded": True, "reason": reason})


def summary(state: RunState) -> str:
    """One line for the console."""
    outcome = "superseded" if state.superseded else "passed" if state.promote else "rejected"
    return f"{outcome}: {state.reason}"
