import numpy as np
import pytest

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.decide import rank
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence, Floats
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.ranker.ranker import Ranker, RankerSettings
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.thresholds import RankerThresholds

IDS = ("email", "none:search", "tel")
SETTINGS = RankerSettings(classes=("none", "email", "tel"), ids=IDS, features=FEATURES, temperature=1.0, members=1)
LEXICON = Lexicon(exact={"e mail": "email", "find": "none:search"}, rejected={"mail box": frozenset({"email"})})


class Sure:
    """A ranker with a fixed opinion: what is made of its probabilities is under test, not they."""

    def __init__(self, *shares: float) -> None:
        self.settings = SETTINGS
        self.numbers = {canonical: i + 1 for i, canonical in enumerate(IDS)}
        self._shares = shares

    def probabilities(self, evidence: Evidence) -> Floats:
        return np.tile(np.array(self._shares, np.float32), (len(evidence), 1))


def ruled(ranker: Ranker, near: tuple[Neighbour, ...] = (), fuzzy: str | None = None, **field: object) -> Ruling:
    view = FieldView(FieldDescriptor.model_validate({"selector": "#a", **field}), 0)
    thresholds = RankerThresholds(default=0.7, nothing=0.6, per_canonical={"tel": 0.9})
    return rank(ranker, [view], [Candidates(near, fuzzy)], LEXICON).ruling(0, thresholds)


@pytest.mark.parametrize(
    ("shares", "outcome", "canonical", "threshold"),
    [
        ((0.1, 0.8, 0.1), "accepted", "email", 0.7),
        ((0.3, 0.6, 0.1), "unsure", "email", 0.7),
        ((0.1, 0.05, 0.85), "unsure", "tel", 0.9),
        ((0.05, 0.0, 0.95), "accepted", "tel", 0.9),
        ((0.8, 0.1, 0.1), "nothing", "none", 0.6),
        ((0.5, 0.3, 0.2), "unsure", "none", 0.6),
    ],
)
def test_each_meaning_counts_from_its_own_threshold(shares: tuple[float, ...], outcome: str, canonical: str, threshold: float) -> None:
    ruling = ruled(Sure(*shares), label="Anything")

    assert (ruling.outcome, ruling.canonical, ruling.threshold, ruling.method) == (outcome, canonical, threshold, "ranker")
    assert ruling.score == pytest.approx(max(shares))


def test_a_type_takes_away_what_it_cannot_hold() -> None:
    ruling = ruled(Sure(0.2, 0.8, 0.0), label="E-mail me", type="checkbox")

    assert ruling.outcome != "accepted"
    assert ruling.canonical == "none"


def test_feedback_takes_a_meaning_away_from_its_text_alone() -> None:
    assert ruled(Sure(0.1, 0.9, 0.0), label="Mail box").canonical == "none"
    assert ruled(Sure(0.1, 0.9, 0.0), label="Mail boxes").canonical == "email"


def test_the_candidates_are_the_evidence() -> None:
    near = (Neighbour("email", "mail address", 0.83), Neighbour("tel", "phone", 0.3))

    assert ruled(Sure(0.0, 1.0, 0.0), label="E-mail", name="find").signals == ("lexical:label=email", "lexical:name=none:search")
    assert ruled(Sure(0.0, 1.0, 0.0), near, label="Mail to").signals == ("near:email@0.83",)
    assert ruled(Sure(0.0, 0.0, 1.0), near, label="Mail to").signals == ("near:email@0.83", "learned")
    assert ruled(Sure(1.0, 0.0, 0.0), label="Find").signals == ("lexical:label=none:search",)


def test_a_form_without_fields_has_no_probabilities() -> None:
    assert rank(Sure(1.0, 0.0, 0.0), [], [], LEXICON).probabilities.shape == (0, 3)
