"""notify: inference is asked to load the version now, and the promotion is published."""

from collections.abc import Iterator

from fieldwise_common.events import Event, Promoted, QuorumReached
from fieldwise_training.release.reload import reload_inference
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def notify(context: TrainingContext, state: RunState) -> RunState:
    """Asks inference to reload, if its address is set, then publishes what has come about. Never fails the run."""
    settings = context.settings
    is_served = reload_inference(settings.ml_service_reload_url, settings.ml_service_reload_token.get_secret_value(), state.version)
    for event in events_of(state):
        context.events.publish(event)
    return state.model_copy(update={"notified": is_served})


def events_of(state: RunState) -> Iterator[Event]:
    """What the promotion of the run's version means to others."""
    yield Promoted(run_id=state.run_id, version=state.version, previous=state.parent, mode=state.mode, reason=state.reason or "")
    facts = state.feedback
    new, changed = ((facts.changes.get(change, 0) if facts is not None else 0) for change in ("new", "changed"))
    if facts is not None and (new or changed):
        yield QuorumReached(run_id=state.run_id, version=state.version, new=new, changed=changed, agreed=facts.answers)


def summary(state: RunState) -> str:
    """One line for the console."""
    return "inference serves it" if state.notified else "inference was not notified; it will load the version at its next poll"
