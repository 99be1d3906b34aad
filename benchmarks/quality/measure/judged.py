"""One field beside what was decided of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.quality.truth.equal import same
from benchmarks.quality.truth.fields import TruthField

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_common.wire import Decision, Method, Outcome


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a field.

    `named`: the id the decision names, accepted or not; `none` for a negative one, "" for no id at all.
    `is_judgeable`: whether that id is in the truth's vocabulary.
    """

    field: TruthField
    outcome: Outcome
    method: Method
    named: str
    score: float
    is_judgeable: bool

    @property
    def predicted(self) -> str:
        """What the field counts as: an id that was accepted and can be judged, else `none`."""
        return self.named if self.outcome == "accepted" and self.is_judgeable else NOTHING

    @property
    def is_candidate(self) -> bool:
        """Whether some threshold on the score alone would have it filled."""
        return self.outcome in {"accepted", "unsure"} and self.is_judgeable and self.named not in {"", NOTHING}

    @property
    def names_the_truth(self) -> bool:
        """Whether the id it names is the field's meaning, leniently."""
        return same(self.named, self.field.truth)


def judge(fields: Sequence[TruthField], decisions: Iterable[Decision], vocabulary: frozenset[str]) -> list[Judged]:
    """The fields of one form with their decisions, found by selector."""
    by_selector = {decision.selector: decision for decision in decisions}
    return [_judged(field, by_selector[field.descriptor.selector], vocabulary) for field in fields]


def _judged(field: TruthField, decision: Decision, vocabulary: frozenset[str]) -> Judged:
    named = NOTHING if is_negative(decision.predicted) else decision.predicted
    return Judged(field, decision.decision, decision.method, named, decision.score, named in vocabulary | {"", NOTHING})
