"""What a ranker is made by, besides its data; apart from the making, which takes seconds to import."""

from dataclasses import dataclass

RECIPE = "form-tagger-5"
"""Changes whenever the same data would give another ranker; a version made by the same recipe from the same data is taken over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much work to put in, and how bold to be.

    `members`: networks whose probabilities are averaged. `wrong_cost`: what a wrong fill costs, in fields left empty.
    """

    members: int = 2
    epochs: int = 20
    wrong_cost: float = 2.0
