"""What each view of a field contributes to the answer, and how its text is quoted."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from tests.support.deciding import SYNONYMS, a_version
from tests.support.explaining import why
from tests.support.tiny_ranker import HIT_LOGITS, arrays_of, settings_of

from fieldwise_common.wire import FieldDescriptor
from fieldwise_common.wire_explain import MlThresholdRequest
from fieldwise_inference.classify.explain import explain_threshold
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import FormPlace
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker import features
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence, gather
from fieldwise_inference.classify.ranker.features import LAYOUTS, Layout
from fieldwise_inference.classify.ranker.model import NumpyRanker
from fieldwise_inference.classify.ranker.ranker import Prediction
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_inference.classify.why.view_effects import LAYOUT_ARRAYS, NEAREST_ARRAYS, VIEW_OF
from fieldwise_inference.classify.why.view_texts import texts_of
from fieldwise_inference.classify.why.wording import MAX_QUOTED, quoted, shortened


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


@pytest.mark.parametrize("number", LAYOUTS)
def test_a_views_effect_is_what_the_answer_loses_without_it_and_gains_from_it_alone(number: int) -> None:
    settings = settings_of(SYNONYMS.values(), number)
    version = replace(a_version(), ranker=NumpyRanker(settings, (weights_from(arrays_of(settings), 0),)))

    found = why({"label": "First name", "name": "first_name"}, version=version)

    [one] = found.spoke_for
    assert one.view == "label, name"  # the same text, so neither can be left out alone
    assert one.without == pytest.approx(1 / (len(settings.classes) - 1 + math.exp(2.0)), abs=1e-4)
    assert one.effect == pytest.approx(log_odds(0.999) - log_odds(one.without), abs=0.01)  # cut at 0.999
    assert HIT_LOGITS["label"] + HIT_LOGITS["name"] > log_odds(0.999)


def test_every_array_of_the_evidence_with_a_row_for_each_field_is_left_out() -> None:
    of_fields = {one.name for one in fields(Evidence)} - {"texts", "blocks"}

    assert of_fields == {*LAYOUT_ARRAYS, *NEAREST_ARRAYS}


def test_the_views_of_columns_are_those_of_columns_that_a_layout_has() -> None:
    columns = {(array, name) for layout in LAYOUTS.values() for array in LAYOUT_ARRAYS for name in getattr(layout, array)}

    assert VIEW_OF.keys() <= columns


LATER = max(LAYOUTS) + 1


def test_a_column_that_a_later_layout_adds_is_a_view_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    newest = LAYOUTS[max(LAYOUTS)]
    monkeypatch.setitem(features.LAYOUTS, LATER, Layout(newest.views, (*newest.lexical, "option_topic"), newest.shape))  # type: ignore[arg-type]
    monkeypatch.setitem(HIT_LOGITS, "option_topic", 9.0)
    monkeypatch.setattr("fieldwise_inference.classify.ranker.decide.gather", with_topic)
    settings = settings_of(SYNONYMS.values(), LATER)
    ranker = NumpyRanker(settings, (weights_from(arrays_of(settings), 0),))

    found = why({"label": "quantum"}, version=replace(a_version(), ranker=ranker))

    assert [one.view for one in found.spoke_for] == ["option_topic"]
    assert found.sentences[1].startswith("The option topic (known to mean email) spoke most for email")


def with_topic(
    views: Sequence[FieldView], found: Sequence[Candidates], lexicon: Lexicon, numbers: Mapping[str, int], layout: int, place: FormPlace
) -> Evidence:
    """The evidence of a later layout, for a form whose fields' options all mean an e-mail address."""
    evidence = gather(views, found, lexicon, numbers, layout - 1, place)
    return replace(evidence, lexical=np.insert(evidence.lexical, evidence.lexical.shape[1], numbers["email"], axis=1))


class Surrounded:
    """A ranker that finds an e-mail address likelier with a text up to two fields before or after, and unlikelier in a long form."""

    settings = settings_of(SYNONYMS.values())
    numbers = settings.numbers

    def predict(self, evidence: Evidence) -> Prediction:
        has_text = evidence.views.any(axis=1)
        likely = [
            0.65 + 0.2 * has_text[max(0, row - 2) : row].any() + 0.1 * has_text[row + 1 : row + 3].any() - 0.15 * (len(evidence) > 5)
            for row in range(len(evidence))
        ]
        probabilities = np.zeros((len(evidence), len(self.settings.classes)), np.float32)
        probabilities[:, self.settings.classes.index("email")] = likely
        return Prediction(probabilities, np.tile(np.array([1.0, 0.0, 0.0], np.float32), (len(evidence), 1)))


def test_the_fields_around_it_and_the_rest_of_the_form_are_views() -> None:
    fields = [{"label": f"{word} thing"} for word in ("one", "two", "three", "four", "five", "six", "seven")]

    found = why(*fields, at=3, version=replace(a_version(), ranker=Surrounded()))

    without = {one.view: one.without for one in (*found.spoke_for, *found.spoke_against)}
    assert without == {"before": pytest.approx(0.6), "after": pytest.approx(0.7), "rest_of_form": pytest.approx(0.95)}
    assert found.sentences[1:4] == (
        "The fields before it “two thing, three thing” spoke most for email: without them the probability would be 0.60 instead of 0.80.",
        "Next come the fields after it “five thing, six thing” (0.70 without them).",
        "Against it speaks the rest of the form (0.95 without it).",
    )


@pytest.mark.parametrize(
    ("rows", "row", "position"),
    [
        ([{"label": "Phone"}] * 3, 1, "number 2 of 3 in a row with its label"),
        ([{"name": f"tel_{number}"} for number in (1, 2)], 1, "number 2 of 2 in a row with such a name"),
        ([{"label": "Phone"}, {"label": "City"}, {"label": "Phone"}], 2, "number 2 of 2 in the form with its label"),
        ([{"label": "City", "section": "Home"}, {"label": "Street", "section": "Home"}], 1, "number 2 under its heading"),
        ([{"label": "Phone"}, {"label": "City"}], 1, None),
    ],
)
def test_a_fields_position_is_told_in_words(rows: list[dict[str, object]], row: int, position: str | None) -> None:
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#f{number}", **field})) for number, field in enumerate(rows)]
    evidence = gather(views, [Candidates()] * len(views), a_version().lexicon, {})
    shape = dict(zip(LAYOUTS[features.FEATURES].shape, map(int, evidence.shape[row]), strict=True))

    assert texts_of(views, row, Candidates(), shape).get("position") == position


def test_long_texts_are_shortened_and_names_keep_their_end() -> None:
    told = why({"label": "Your address, as it is on all of your letters, " * 11, "placeholder": "First name", "name": "a_" * 150 + "city"})

    assert shortened("word " * 100) == ("word " * 100)[: MAX_QUOTED - 1].rstrip() + "…"
    assert shortened("checkout.billing." * 40 + "address.city", 20).endswith("…billing.address.city")
    assert max(len(sentence) for sentence in told.sentences) < 300
    assert all(len(one.text) <= MAX_QUOTED for one in (*told.spoke_for, *told.spoke_against))


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        ("First\n  name\t", "“First name”"),
        ('The “real” "name"', '“The "real" "name"”'),
        ("\u202eemaN\u202c", "“emaN”"),
        ("الاسم الأول", "“\u2068الاسم الأول\u2069”"),
        ("שם פרטי", "“\u2068שם פרטי\u2069”"),
        ("姓\u3000名", "“姓 名”"),
    ],
)
def test_a_hostile_text_does_not_garble_its_sentence(text: str, quotation: str) -> None:
    assert quoted(text) == quotation


def test_no_value_of_a_field_is_in_an_explanation() -> None:
    fields = [{"selector": "#a", "label": "Full name", "value": "tell-nobody", "checked": True}, {"selector": "#b", "value": "tell-nobody"}]
    request = MlThresholdRequest.model_validate({"field": {"selector": "#a", "value": "tell-nobody"}, "fields": fields})

    assert "tell-nobody" not in explain_threshold(a_version(), request).model_dump_json()
