"""The steps of a run by name, in order."""

from collections.abc import Callable, Mapping

from fieldwise_training.state import RunState
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.encoder import encoder
from fieldwise_training.steps.evaluate import evaluate
from fieldwise_training.steps.index import index
from fieldwise_training.steps.load import load
from fieldwise_training.steps.ranker import ranker
from fieldwise_training.steps.release import gate, notify, promote
from fieldwise_training.steps.seal import seal

Step = Callable[[TrainingContext, RunState], RunState]

FIRST = "validate"
"""The step that makes the first state; it stands apart because it is given the request instead."""

MEASURING: Mapping[str, Step] = {
    "load": load,
    "encoder": encoder,
    "index": index,
    "ranker": ranker,
    "evaluate": evaluate,
    "seal": seal,
    "gate": gate,
}
"""The steps every run takes after `validate`."""

RELEASING: Mapping[str, Step] = {"promote": promote, "notify": notify}
"""The steps of a version that the gate let through."""

STEPS: Mapping[str, Step] = {**MEASURING, **RELEASING}
