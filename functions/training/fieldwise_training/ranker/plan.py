"""The hyperparameters of a ranker; in a module without torch, which takes seconds to import."""

from dataclasses import dataclass, replace

RECIPE = "form-tagger-8"
"""Changes whenever the same data would give another ranker; with the same recipe and data, the parent's ranker is reused."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`members`: networks whose probabilities are averaged."""

    members: int = 2
    epochs: int = 20
    learning_rate: float = 5e-3
    """The highest of the schedule."""

    def warm_start(self) -> "Plan":
        """The plan for going on from the weights of a ranker that was trained by this one: decision 0009 has what was compared."""
        return replace(self, epochs=max(1, round(self.epochs * 0.15)), learning_rate=1.5e-3)
