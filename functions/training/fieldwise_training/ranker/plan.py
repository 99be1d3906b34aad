"""The hyperparameters of a ranker; in a module without torch, which takes seconds to import."""

from dataclasses import dataclass

RECIPE = "form-tagger-5"
"""Changes whenever the same data would give another ranker; with the same recipe and data, the parent's ranker is reused."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`members`: networks whose probabilities are averaged."""

    members: int = 2
    epochs: int = 20
