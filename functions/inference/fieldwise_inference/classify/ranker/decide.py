"""Turns the ranker's probabilities into decisions, with their signals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from fieldwise_common.canonical import NOTHING, is_negative, is_secret
from fieldwise_common.wire import Outcome
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import is_several_boxes, type_admits
from fieldwise_inference.classify.form_place import FormPlace
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.evidence import NEAR_FROM, Candidates, Evidence, Floats, gather
from fieldwise_inference.classify.ranker.features import LAYOUTS
from fieldwise_inference.classify.ranker.owners import SELF, may_be_filled
from fieldwise_inference.classify.ranker.pooled import pooled
from fieldwise_inference.classify.ranker.ranker import Ranker
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.thresholds import RankerThresholds

DIGITS = 4
"""Decimals of a probability and of its threshold when they are compared: processors differ in the seventh, which must not decide about
a probability that the threshold was fitted to. So the log alone shows why a field was accepted."""

BELIEVED_FROM = 0.05
"""The probability of an id from which the page's `autocomplete` is believed: of the attributes to whose id the ranker gives less, most are
wrong (docs/decisions/0016). Secrets are believed, as nothing is filled into them."""

WORTH_LOGGING = 0.05
"""The probability from which the second candidate is a signal: it could have been the answer."""

DOUBTS = "ranker:doubts"
"""The signal of a field whose `autocomplete` the ranker does not believe."""

OWNED_BY_OTHERS = 0.5
"""The probability from which a field counts as somebody else's, whatever the page's `autocomplete` names."""


def by_rank(
    version: LoadedVersion,
    ranker: Ranker,
    views: Sequence[FieldView],
    settled: Sequence[Ruling | None],
    rejected: Sequence[Collection[str]],
    place: FormPlace | None = None,
) -> list[Ruling]:
    """One decision per field of a form. `settled` decisions stay, but see `Ranked.checked`; the ranker sees those fields as context.

    `rejected`: the ids that each field does not get. `place`: as `gather` takes it.
    """
    found = candidates(version, views, settled)
    ranked = rank(ranker, views, found, version.lexicon, rejected, place)
    thresholds = version.thresholds.ranker
    rulings = [
        ranked.ruling(row, thresholds) if known is None else ranked.checked(row, known, thresholds) for row, known in enumerate(settled)
    ]
    if version.thresholds.ranker_without_budget is not None:  # what a budget promises was counted without pooling
        return rulings
    return [
        pooled(ruling, view, version.lexicon, partial(ranked.probability, row)) if known is None else ruling
        for row, (view, ruling, known) in enumerate(zip(views, rulings, settled, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The ranker's probabilities for the n fields of a form, and the evidence behind them.

    probabilities: float32 (n, classes), 0 for classes that the field's type does not admit or people have rejected.
    whose: float32 (n, owners), the probabilities of whose data each field asks for.
    """

    ranker: Ranker
    evidence: Evidence
    probabilities: Floats
    whose: Floats

    def owner(self, row: int) -> tuple[str, float]:
        """Whose data a field most likely asks for, and the probability (0..1)."""
        best = int(self.whose[row].argmax())
        return self.ranker.settings.whose[best], float(self.whose[row, best])

    def ruling(self, row: int, thresholds: RankerThresholds) -> Ruling:
        """The decision about one field: its most probable class, if that reaches its threshold, both as rounded as they are logged."""
        best = int(self.probabilities[row].argmax())
        canonical = self.ranker.settings.classes[best]
        probability, threshold = (round(value, DIGITS) for value in (float(self.probabilities[row, best]), thresholds.of(canonical)))
        outcome: Outcome = "unsure"
        if probability >= threshold:
            outcome = "nothing" if canonical == NOTHING else "accepted"
        return Ruling(outcome, "ranker", canonical, min(max(probability, 0.0), 1.0), threshold, self._signals(row, canonical))

    def checked(self, row: int, settled: Ruling, thresholds: RankerThresholds) -> Ruling:
        """A settled decision. One by `autocomplete` is unsure if the field is more likely somebody else's than the user's.

        It is unsure, too, if the probability of its id is below `thresholds.autocomplete`. Below `BELIEVED_FROM` it is the ranker's own.
        """
        if settled.method != "autocomplete":
            return settled
        owner, certainty = self.owner(row)
        if certainty > OWNED_BY_OTHERS and not may_be_filled(owner, settled.canonical):
            return replace(settled, outcome="unsure").with_signal(_whose(owner, certainty))
        probability, threshold = self.probability(row, settled.canonical), round(thresholds.autocomplete, DIGITS)
        if probability < threshold:
            return replace(settled, outcome="unsure", score=probability, threshold=threshold).with_signal(DOUBTS)
        if probability < BELIEVED_FROM and not is_secret(settled.canonical):
            return self.ruling(row, thresholds).with_signal(*settled.signals, DOUBTS)
        return settled

    def probability(self, row: int, canonical: str) -> float:
        """The probability (0..1) of an id for one field, rounded as it is logged; 0 for an id that is not a class."""
        classes = self.ranker.settings.classes
        return min(round(float(self.probabilities[row, classes.index(canonical)]), DIGITS), 1.0) if canonical in classes else 0.0

    def _signals(self, row: int, canonical: str) -> tuple[str, ...]:
        """The ids that lexicon and index found for the field, whose field it most likely is, if not the user's, and the second candidate.

        The second is left out below `WORTH_LOGGING`. Also `learned` if `canonical` is not among the ids found: n-grams, shape and
        neighbouring fields decided, as the ranker was trained to read them.
        """
        ids, columns = self.ranker.settings.ids, LAYOUTS[self.ranker.settings.features].lexical
        lexical = {f"lexical:{column}": ids[n - 1] for column, n in zip(columns, self.evidence.lexical[row], strict=True) if n}
        scored = zip(self.evidence.near[row], self.evidence.nearness[row], strict=True)
        near = [(ids[n - 1], score + NEAR_FROM) for n, score in scored if n and score > 0]
        owner, certainty = self.owner(row)
        named = {*lexical.values(), *(candidate for candidate, _ in near)}
        is_named = canonical in named or (canonical == NOTHING and any(map(is_negative, named)))
        return (
            *(f"{source}={candidate}" for source, candidate in lexical.items()),
            *(f"near:{candidate}@{cosine:.2f}" for candidate, cosine in near),
            *(() if is_named else ("learned",)),
            *(() if owner == SELF else (_whose(owner, certainty),)),
            *self._second(row, canonical),
        )

    def _second(self, row: int, canonical: str) -> tuple[str, ...]:
        """The likeliest class apart from the decision's."""
        classes = self.ranker.settings.classes
        others = self.probabilities[row].copy()
        others[classes.index(canonical)] = 0
        best = int(others.argmax())
        return (f"second:{classes[best]}@{others[best]:.2f}",) if others[best] >= WORTH_LOGGING else ()


def _whose(owner: str, certainty: float) -> str:
    return f"whose:{owner}@{certainty:.2f}"


def rank(
    ranker: Ranker,
    views: Sequence[FieldView],
    found: Sequence[Candidates],
    lexicon: Lexicon,
    rejected: Sequence[Collection[str]],
    place: FormPlace | None = None,
) -> Ranked:
    """The probabilities for the fields of a form. `found`: as `candidates` returns it; `rejected`, `place`: see `by_rank`."""
    evidence = gather(views, found, lexicon, ranker.numbers, ranker.settings.features, place)
    predicted = ranker.predict(evidence)
    return Ranked(ranker, evidence, predicted.probabilities * allowed(views, rejected, ranker.settings.classes), predicted.whose)


def allowed(views: Sequence[FieldView], rejected: Sequence[Collection[str]], classes: tuple[str, ...]) -> Floats:
    """float32 (n, classes): 0 for classes that a field's type does not admit or people have rejected for it, else 1."""
    if not views:
        return np.empty((0, len(classes)), np.float32)
    kinds = [(view.kind, is_several_boxes(view)) for view in views]
    distinct = list(dict.fromkeys(kinds))
    mask: Floats = np.stack([_admitted(*kind, classes) for kind in distinct])[list(map(distinct.index, kinds))]
    for row, wrong in enumerate(rejected):
        if wrong:
            mask[row, [canonical in wrong for canonical in classes]] = 0
    return mask


@lru_cache(maxsize=64)
def _admitted(kind: str, several_boxes: bool, classes: tuple[str, ...]) -> Floats:
    """float32 (classes,): 1 if the kind of field admits the class. Cached, so it must not be modified."""
    return np.array([type_admits(kind, c, several_boxes) for c in classes], np.float32)
