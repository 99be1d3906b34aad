"""notify: inference is asked to load the version now."""

from fieldwise_training.release.reload import reload_inference
from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext


def notify(context: TrainingContext, state: RunState) -> RunState:
    """Asks inference to reload, if its address is set. Never fails the run."""
    settings = context.settings
    is_served = reload_inference(settings.ml_service_reload_url, settings.ml_service_reload_token.get_secret_value(), state.version)
    return state.model_copy(update={"notified": is_served})


def summary(state: RunState) -> str:
    """One line for the console."""
    return "inference serves it" if state.notified else "inference was not notified; it will load the version at its next poll"
