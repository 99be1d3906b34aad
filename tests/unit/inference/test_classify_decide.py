import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwise_common.wire import ClassifyRequest, Decision, FieldDescriptor, ThresholdRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.explain import explain_threshold
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.thresholds import Thresholds

SYNONYMS = {
    "first name": "given-name",
    "last name": "family-name",
    "full name": "name",
    "email address": "email",
    "telephone": "tel",
    "area code": "tel-area-code",
    "expiration date": "cc-exp",
    "exp month": "cc-exp-month",
    "password": "current-password",
    "search this site": "none:search",
    "i agree to the terms": "none:consent",
    "are you authorized to work": "work-authorization",
}


class WordEncoder:
    """A bag of hashed words as a unit vector of 64 numbers: small, real, and near for texts that share words."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, 64), np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode(texts)

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(64, 1e-3, np.float32)
        for word in text.lower().split():
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 64] += 1
        unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return unit


class FlatIndex:
    def __init__(self) -> None:
        self._texts = list(SYNONYMS)
        self._vectors = WordEncoder().encode(self._texts)

    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[Neighbour]]:
        scores = vectors @ self._vectors.T
        order = np.argsort(-scores, axis=1)[:, :k]
        return [
            [Neighbour(SYNONYMS[self._texts[i]], self._texts[i], float(row[i])) for i in ids]
            for row, ids in zip(scores, order, strict=True)
        ]


def a_version(**lexicon: object) -> LoadedVersion:
    known = Lexicon.model_validate({"exact": SYNONYMS, **lexicon})
    return LoadedVersion("embeddings_v20260101T000000Z-000000", WordEncoder(), FlatIndex(), known, Thresholds())


def decide(*fields: dict[str, object], version: LoadedVersion | None = None) -> list[Decision]:
    descriptors = [{"selector": f"#f{i}", **field} for i, field in enumerate(fields)]
    answer = classify(version or a_version(), ClassifyRequest.model_validate({"fields": descriptors}))
    assert {m.selector for m in answer.matches} == {d.selector for d in answer.decisions if d.decision == "accepted"}
    return list(answer.decisions)


@pytest.mark.parametrize("kind", ["hidden", "submit", "button", "image", "reset", "file", "HIDDEN"])
def test_fields_of_no_fillable_type_are_ignored(kind: str) -> None:
    [decision] = decide({"type": kind, "label": "First name"})

    assert (decision.decision, decision.method) == ("ignored", "type")


def test_a_search_box_is_certainly_nothing() -> None:
    [decision] = decide({"type": "search", "label": "First name"})

    assert (decision.decision, decision.predicted) == ("nothing", "none:search")


def test_a_valid_autocomplete_goes_before_the_label() -> None:
    [decision] = decide({"type": "text", "label": "First name", "autocomplete": "family-name"})

    assert (decision.predicted, decision.method) == ("family-name", "autocomplete")


def test_an_exact_label_decides_without_an_embedding() -> None:
    [decision] = decide({"label": "* First Name:"})

    assert (decision.decision, decision.predicted, decision.method, decision.score) == ("accepted", "given-name", "lexical-exact", 1.0)


def test_a_negative_synonym_means_nothing() -> None:
    [decision] = decide({"label": "Search this site"})

    assert (decision.decision, decision.predicted) == ("nothing", "none:search")


def test_the_name_says_which_part_of_what_the_label_names() -> None:
    month, whole = decide({"label": "Expiration date", "name": "exp_month"}, {"label": "Expiration date", "name": "x17"})

    assert (month.predicted, whole.predicted) == ("cc-exp-month", "cc-exp")
    assert "part-by-name" in month.confidence_signals


def test_a_misspelt_label_is_matched_fuzzily() -> None:
    [decision] = decide({"label": "Email adress"})

    assert (decision.predicted, decision.method) == ("email", "lexical-fuzzy")
    assert decision.threshold_used <= decision.score < 1


def test_a_near_label_is_matched_by_meaning() -> None:
    [decision] = decide({"label": "your full legal name", "type": "text"}, version=a_version(exact={"zzzzzz": "name"}))

    assert (decision.method, decision.predicted) == ("semantic", "name")
    assert any(signal.startswith("nearest:") for signal in decision.confidence_signals)


def test_a_label_like_nothing_known_stays_unsure() -> None:
    [decision] = decide({"label": "quantum flux capacitor"})

    assert decision.decision == "unsure"


def test_a_field_without_any_text_stays_unsure() -> None:
    [decision] = decide({"type": "text"})

    assert (decision.decision, decision.confidence_signals) == ("unsure", ("no-text",))


def test_a_tick_box_means_only_what_can_be_ticked() -> None:
    name, authorized = decide({"type": "checkbox", "label": "First name"}, {"type": "checkbox", "label": "Are you authorized to work"})

    assert name.decision != "accepted"
    assert (authorized.decision, authorized.predicted) == ("accepted", "work-authorization")


def test_two_passwords_in_a_row_choose_a_new_one() -> None:
    first, second = decide({"type": "password", "label": "Password"}, {"type": "password", "label": "Password"})

    assert (first.predicted, second.predicted) == ("new-password", "new-password")


def test_feedback_takes_a_meaning_away_from_exactly_its_text() -> None:
    version = a_version(rejected={"telephone": ["tel"]})

    rejected, other = decide({"label": "Telephone"}, {"label": "First name"}, version=version)

    assert rejected.decision != "accepted"
    assert other.decision == "accepted"


def test_of_equal_selectors_the_first_counts() -> None:
    request = ClassifyRequest.model_validate(
        {"fields": [{"selector": "#a", "label": "First name"}, {"selector": "#a", "label": "Last name"}]}
    )

    answer = classify(a_version(), request)

    assert [m.canonical for m in answer.matches] == ["given-name"]
    assert [d.decision for d in answer.decisions] == ["accepted", "ignored"]


def test_every_field_gets_exactly_one_decision() -> None:
    kinds = [{"label": "First name"}, {"type": "hidden"}, {"label": "zzz qqq"}, {"label": "Search this site"}, {}]

    decisions = decide(*kinds)

    assert [d.selector for d in decisions] == [f"#f{i}" for i in range(len(kinds))]
    assert len({d.decision_id for d in decisions}) == len(kinds)


def test_strange_texts_get_sensible_answers() -> None:
    decisions = decide(
        {"label": "😀" * 50},
        {"label": "‮" + "מייל"},
        {"label": "a\x00b"},
        {"label": "x" * 10_000},
        {"label": "Email address\x00", "maxlength": -1},
    )

    assert decisions[-1].predicted == "email"
    assert all(len(d.label) <= 512 for d in decisions)


def test_the_threshold_names_every_adjustment() -> None:
    request = ThresholdRequest(field=FieldDescriptor(selector="#m", label="e-mail", type="email", required=True), canonical="email")

    answer = explain_threshold(a_version(), request)

    named = sum(float(signal.split(":")[1]) for signal in answer.confidence_signals)
    assert answer.threshold == pytest.approx(answer.base_threshold + named)
    assert {s.split(":")[0] for s in answer.confidence_signals} >= {"type_supports", "required"}
    assert (answer.context.field_type, answer.context.required) == ("email", True)


def test_the_threshold_of_the_nearest_meaning_is_shown_where_none_is_named() -> None:
    answer = explain_threshold(a_version(), ThresholdRequest(field=FieldDescriptor(selector="#m", label="first name")))

    assert answer.canonical == "given-name"
