import numpy as np
import pytest

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.decide import DOUBTS, rank
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence
from fieldwise_inference.classify.ranker.features import FEATURES
from fieldwise_inference.classify.ranker.ranker import Prediction, Ranker, RankerSettings
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.thresholds import RankerThresholds

IDS = ("email", "none:search", "tel")
SETTINGS = RankerSettings(
    classes=("none", "email", "tel"), ids=IDS, features=FEATURES, whose=("self", "earlier", "partner"), temperature=1.0, members=1
)
LEXICON = Lexicon(exact={"e mail": "email", "find": "none:search"})


class FixedRanker:
    """A ranker that always predicts the same probabilities, to test the decisions that follow from them."""

    def __init__(self, *probabilities: float, whose: tuple[float, ...] = (1.0, 0.0, 0.0)) -> None:
        self.settings = SETTINGS
        self._whose = whose
        self.numbers = {canonical: i + 1 for i, canonical in enumerate(IDS)}
        self._probabilities = probabilities

    def predict(self, evidence: Evidence) -> Prediction:
        return Prediction(*(np.tile(np.array(row, np.float32), (len(evidence), 1)) for row in (self._probabilities, self._whose)))


def ruled(
    ranker: Ranker, near: tuple[Neighbour, ...] = (), fuzzy: str | None = None, rejected: tuple[str, ...] = (), **field: object
) -> Ruling:
    view = FieldView(FieldDescriptor.model_validate({"selector": "#a", **field}))
    thresholds = RankerThresholds(default=0.7, nothing=0.6, per_canonical={"tel": 0.9})
    return rank(ranker, [view], [Candidates(near, fuzzy)], LEXICON, [rejected]).ruling(0, thresholds)


@pytest.mark.parametrize(
    ("probabilities", "outcome", "canonical", "threshold"),
    [
        ((0.1, 0.8, 0.1), "accepted", "email", 0.7),
        ((0.3, 0.6, 0.1), "unsure", "email", 0.7),
        ((0.1, 0.05, 0.85), "unsure", "tel", 0.9),
        ((0.05, 0.0, 0.95), "accepted", "tel", 0.9),
        ((0.8, 0.1, 0.1), "nothing", "none", 0.6),
        ((0.5, 0.3, 0.2), "unsure", "none", 0.6),
    ],
)
def test_a_prediction_is_accepted_if_it_reaches_the_threshold_of_its_class(
    probabilities: tuple[float, ...], outcome: str, canonical: str, threshold: float
) -> None:
    ruling = ruled(FixedRanker(*probabilities), label="Anything")

    assert (ruling.outcome, ruling.canonical, ruling.threshold, ruling.method) == (outcome, canonical, threshold, "ranker")
    assert ruling.score == pytest.approx(max(probabilities))


def test_a_class_that_the_type_does_not_admit_is_not_predicted() -> None:
    ruling = ruled(FixedRanker(0.2, 0.8, 0.0), label="E-mail me", type="checkbox")

    assert ruling.outcome != "accepted"
    assert ruling.canonical == "none"


def test_an_id_that_people_rejected_for_a_field_is_not_predicted_for_it() -> None:
    assert ruled(FixedRanker(0.1, 0.9, 0.0), rejected=("email",), label="Mail box").canonical == "none"
    assert ruled(FixedRanker(0.1, 0.9, 0.0), label="Mail box").canonical == "email"


def test_the_signals_are_the_candidates_of_lexicon_and_index() -> None:
    near = (Neighbour("email", "mail address", 0.83), Neighbour("tel", "phone", 0.3))

    assert ruled(FixedRanker(0.0, 1.0, 0.0), label="E-mail", name="find").signals == ("lexical:label=email", "lexical:name=none:search")
    assert ruled(FixedRanker(0.0, 1.0, 0.0), near, label="Mail to").signals == ("near:email@0.83",)
    assert ruled(FixedRanker(0.0, 0.0, 1.0), near, label="Mail to").signals == ("near:email@0.83", "learned")
    assert ruled(FixedRanker(1.0, 0.0, 0.0), label="Find").signals == ("lexical:label=none:search",)


def test_the_second_candidate_is_a_signal_if_it_could_have_been_the_answer() -> None:
    assert ruled(FixedRanker(0.1, 0.6, 0.3), label="E-mail").signals == ("lexical:label=email", "second:tel@0.30")
    assert ruled(FixedRanker(0.55, 0.41, 0.04), label="Find").signals == ("lexical:label=none:search", "second:email@0.41")
    assert ruled(FixedRanker(0.02, 0.95, 0.03), label="E-mail").signals == ("lexical:label=email",)
    assert ruled(FixedRanker(0.06, 0.5, 0.44), label="E-mail", rejected=("tel",)).signals == ("lexical:label=email", "second:none@0.06")


def test_whose_field_it_is_is_a_signal_unless_it_is_the_users_own() -> None:
    of_partner, of_user = FixedRanker(1.0, 0.0, 0.0, whose=(0.02, 0.01, 0.97)), FixedRanker(0.0, 1.0, 0.0, whose=(0.9, 0.0, 0.1))

    assert ruled(of_partner, label="Spouse's e-mail").signals == ("learned", "whose:partner@0.97")
    assert ruled(of_user, label="E-mail").signals == ("lexical:label=email",)


@pytest.mark.parametrize(
    ("whose", "outcome", "signals"),
    [
        ((0.3, 0.0, 0.7), "unsure", ("whose:partner@0.70",)),
        ((0.2, 0.8, 0.0), "unsure", ("whose:earlier@0.80",)),
        ((0.4, 0.25, 0.35), "accepted", ()),
    ],
)
def test_what_the_page_declares_is_not_filled_if_it_is_somebody_elses(
    whose: tuple[float, ...], outcome: str, signals: tuple[str, ...]
) -> None:
    view = FieldView(FieldDescriptor(selector="#a", label="Spouse's e-mail", autocomplete="email"))
    declared = Ruling("accepted", "autocomplete", "email", 1.0, 1.0)
    ranked = rank(FixedRanker(0.0, 1.0, 0.0, whose=whose), [view], [Candidates()], LEXICON, [()])

    checked = ranked.checked(0, declared, RankerThresholds(default=0.7))

    assert (checked.outcome, checked.signals) == (outcome, signals)


def test_a_form_without_fields_has_no_probabilities() -> None:
    assert rank(FixedRanker(1.0, 0.0, 0.0), [], [], LEXICON, []).probabilities.shape == (0, 3)


@pytest.mark.parametrize("noise", [-4e-7, 0.0, 4e-7])
def test_a_probability_at_its_threshold_is_decided_alike_on_processors_that_differ_in_the_last_digits(noise: float) -> None:
    ruling = ruled(FixedRanker(0.2, 0.7 + noise, 0.1), label="Contact")

    assert (ruling.outcome, ruling.score, ruling.threshold) == ("accepted", 0.7, 0.7)


@pytest.mark.parametrize("noise", [-4e-7, 0.0, 4e-7])
def test_what_the_page_declares_is_doubted_alike_on_processors_that_differ_in_the_last_digits(noise: float) -> None:
    view = FieldView(FieldDescriptor(selector="#a", label="Contact"))
    ranked = rank(FixedRanker(0.2, 0.7 + noise, 0.1), [view], [Candidates((), None)], LEXICON, [()])
    declared = Ruling("accepted", "autocomplete", "email", 1.0, 1.0)

    assert ranked.checked(0, declared, RankerThresholds(autocomplete=0.70004)) == declared
    doubted = ranked.checked(0, declared, RankerThresholds(autocomplete=0.70006))
    assert (doubted.outcome, doubted.score, doubted.threshold) == ("unsure", 0.7, 0.7001)


@pytest.mark.parametrize(
    ("probability", "canonical", "decided"),
    [(0.05, "email", ("accepted", "autocomplete")), (0.04, "email", ("nothing", "ranker")), (0.04, "cc-csc", ("accepted", "autocomplete"))],
)
def test_what_the_page_declares_is_left_to_the_ranker_if_it_gives_that_next_to_nothing(
    probability: float, canonical: str, decided: tuple[str, str]
) -> None:
    """Into a secret nothing is filled, so that nothing is lost by believing it."""
    view = FieldView(FieldDescriptor(selector="#a", label="Link to a toy you love"))
    ranked = rank(FixedRanker(1 - probability, probability, 0.0), [view], [Candidates()], LEXICON, [()])
    checked = ranked.checked(0, Ruling("accepted", "autocomplete", canonical, 1.0, 1.0), RankerThresholds())

    assert (checked.outcome, checked.method) == decided
    assert (DOUBTS in checked.signals) is (checked.method == "ranker")
