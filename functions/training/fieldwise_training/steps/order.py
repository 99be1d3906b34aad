"""The steps of a run, in order. A new one is a file in this folder, a row here, and `make statemachine`."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fieldwise_training.state import RunState
from fieldwise_training.steps import (
    calibrate,
    encoder,
    evaluate,
    finetune,
    gate,
    index,
    load,
    notify,
    promote,
    ranker,
    seal,
    validate,
)
from fieldwise_training.steps.context import TrainingContext


@dataclass(frozen=True, slots=True)
class Step:
    """A step by name: `run` makes the next state from the last one; `summary` is the result in one line."""

    name: str
    run: Callable[[TrainingContext, RunState], RunState]
    summary: Callable[[RunState], str]
    is_long: bool = False
    """Whether it may take longer than Lambda allows; the run's `compute` then chooses where the state machine runs it."""
    can_resume: bool = False
    """Whether, started again, it goes on where it was interrupted: after a timeout it is worth another attempt."""

    def timed(self, context: TrainingContext, state: RunState) -> RunState:
        """Runs the step; the next state has the seconds that it took."""
        start = time.perf_counter()
        after = self.run(context, state)
        return after.model_copy(update={"seconds": {**after.seconds, self.name: round(time.perf_counter() - start, 1)}})


MEASURING = (
    Step("validate", validate.validate, validate.summary),
    Step("load", load.load, load.summary),
    Step("finetune", finetune.finetune, finetune.summary, is_long=True, can_resume=True),
    Step("encoder", encoder.encoder, encoder.summary),
    Step("index", index.index, index.summary),
    Step("ranker", ranker.ranker, ranker.summary, is_long=True),
    Step("calibrate", calibrate.calibrate, calibrate.summary),
    Step("evaluate", evaluate.evaluate, evaluate.summary),
    Step("seal", seal.seal, seal.summary),
    Step("gate", gate.gate, gate.summary),
)
"""The steps of every run."""

RELEASING = (
    Step("promote", promote.promote, promote.summary),
    Step("notify", notify.notify, notify.summary),
)
"""The steps after the gate, for a version that passed."""

STEPS: Mapping[str, Step] = {step.name: step for step in (*MEASURING, *RELEASING)}
FIRST = MEASURING[0].name
"""The step that is given the run's request instead of a state."""
