"""Why a field is decided as it is: the sentences about each kind of decision, and what each view contributes."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.deciding import SYNONYMS, a_version
from tests.support.tiny_ranker import HIT_LOGITS, arrays_of, settings_of, tiny_ranker

from fieldwise_common.errors import InvalidRequest
from fieldwise_common.store.overrides import Override
from fieldwise_common.wire import FieldDescriptor, KnownField, MlClassifyRequest
from fieldwise_common.wire_explain import DebuggedField, ExplainedDecision, MlThresholdRequest, Why
from fieldwise_inference.classify import conflicts, entries
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.explain import explain_decision, explain_threshold
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import PLACES, FormPlace
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker import features
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence, gather
from fieldwise_inference.classify.ranker.features import LAYOUTS, Layout
from fieldwise_inference.classify.ranker.model import NumpyRanker
from fieldwise_inference.classify.ranker.ranker import Prediction
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_inference.classify.why.left_out import VIEW_OF
from fieldwise_inference.classify.why.plain import OWNERS
from fieldwise_inference.classify.why.texts import MAX_QUOTED, quoted, shortened
from fieldwise_inference.classify.why.words import FORM_SIGNALS
from fieldwise_training.corpus import Whose

ORIGIN, SITE = "https://shop.example", "0123456789abcdef"
PHONE: dict[str, object] = {"label": "Telephone", "name": "phone"}
PASSWORD: dict[str, object] = {"label": "Password", "type": "password"}
RADIO: dict[str, object] = {"type": "radio", "name": "auth", "group": "Are you authorized to work"}


def signature_of(field: Mapping[str, object]) -> str:
    view = FieldView(FieldDescriptor.model_validate({"selector": "#f0", **field}))
    return str(signatures([view], ORIGIN)[0])


def request_of(*fields: Mapping[str, object], remembered: tuple[KnownField, ...] = ()) -> MlClassifyRequest:
    described = [{"selector": f"#f{i}", **field} for i, field in enumerate(fields)]
    asked = MlClassifyRequest.model_validate({"fields": described, "page": {"origin": ORIGIN}, "site": SITE})
    return asked.model_copy(update={"remembered": remembered})


def explained(
    *fields: Mapping[str, object],
    at: int = 0,
    requested: str = "",
    version: LoadedVersion | None = None,
    remembered: tuple[KnownField, ...] = (),
) -> ExplainedDecision:
    return explain_decision(version or a_version(), request_of(*fields, remembered=remembered), at, requested)


def why(*fields: Mapping[str, object], **options: object) -> Why:
    found = explained(*fields, **options).why  # type: ignore[arg-type]
    assert found is not None
    return found


def agreed(**answer: object) -> LoadedVersion:
    sites = SiteAnswers(sites={SITE: {signature_of(PHONE): SiteAnswer.model_validate(answer)}})
    return replace(a_version(), sites=sites)


def overridden(canonical: str) -> LoadedVersion:
    at, signature = datetime(2026, 11, 29, tzinfo=UTC), signature_of(PHONE)
    override = Override(site=SITE, origin=ORIGIN, signature=signature, canonical=canonical, by="root", at=at, why="a test")
    return replace(a_version(), overrides={SITE: {signature: override}})


def said(canonical: str, *rejected: str) -> tuple[KnownField, ...]:
    return (KnownField(signature=signature_of(PHONE), canonical=canonical, rejected=rejected),)


@pytest.mark.parametrize(
    ("found", "sentences"),
    [
        pytest.param(
            lambda: why({"label": "First name", "name": "fname"}),
            (
                "It is answered given-name: its probability is 0.96, and 0.67 is needed.",
                "The label “First name” (known to mean given-name) spoke most for given-name: without it the probability would"
                " be 0.06 instead of 0.96.",
                "Second came “nothing of the user's” with 0.02.",
            ),
            id="accepted by its probability",
        ),
        pytest.param(
            lambda: why({"label": "your full legal name", "name": "first_name"}),
            (
                "It stays empty: given-name is likeliest with a probability of 0.50, but 0.67 is needed.",
                "The name “first_name” (known to mean given-name) spoke most for given-name: without it the probability would"
                " be 0.02 instead of 0.50.",
                "Against it speaks the nearest known text “full name” (known to mean name; 0.77 without it).",
                "Second came name with 0.36.",
                'It would be answered given-name if the page said autocomplete="given-name" or with the label “first name” (1.00).',
            ),
            id="held back below its threshold",
        ),
        pytest.param(
            lambda: why({"label": "I agree to the terms", "type": "checkbox"}),
            (
                "It stays empty: it asks for nothing of the user's, with a probability of 1.00; 0.60 is enough.",
                "The label “I agree to the terms” (known to mean consent) spoke most for leaving it empty: without it the"
                " probability would be 0.42 instead of 1.00.",
                "Nothing else reaches 0.01.",
            ),
            id="nothing of the user's",
        ),
        pytest.param(
            lambda: why({"label": "quantum", "autocomplete": "family-name"}),
            (
                "It is answered family-name: the page's autocomplete attribute says “family-name”, and nothing in the field contradicts"
                " it.",
                "Without the attribute it would stay empty: nothing would be likely enough.",
            ),
            id="autocomplete",
        ),
        pytest.param(
            lambda: why({"label": "First name", "autocomplete": "family-name"}),
            (
                "It is answered given-name: its probability is 0.96, and 0.67 is needed.",
                "The page's autocomplete attribute says “family-name”, but the label means given-name, so it did not decide alone.",
            ),
            id="contradicted autocomplete",
        ),
        pytest.param(
            lambda: why(PHONE, remembered=said("tel-area-code")),
            ("It is answered tel-area-code: the user said so on this site.", "Without that it would be tel (telephone), with 0.96."),
            id="remembered",
        ),
        pytest.param(
            lambda: why(PHONE, remembered=said("none")),
            ("It stays empty, as it asks for nothing of the user's: the user said so on this site.",),
            id="remembered as nothing",
        ),
        pytest.param(
            lambda: why(PHONE, remembered=said("", "tel")),
            (
                "It stays empty: what it looks like most is ruled out, and nothing else is likely enough.",
                "Its texts look more like tel (telephone) (0.96), but people have rejected that for this field.",
            ),
            id="rejected by someone",
        ),
        pytest.param(
            lambda: why(PHONE, version=agreed(canonical="email", agree=3, against=1)),
            ("It is answered email: users of this site agree on it (3 for it, 1 against it).",),
            id="agreed on",
        ),
        pytest.param(
            lambda: why(PHONE, version=agreed(canonical="email", agree=1, trusted=True)),
            ("It is answered email: an admin said so about this field of the site.",),
            id="agreed on by an admin",
        ),
        pytest.param(
            lambda: why(PHONE, version=overridden("email")),
            ("It is answered email: an admin decided so for this field of the site.",),
            id="override",
        ),
        pytest.param(
            lambda: why(PASSWORD, {**PASSWORD, "name": "again"}, at=1),
            (
                "It is answered new-password in place of current-password, whose probability is 0.96; 0.67 is needed.",
                "Two password boxes in a row ask for a new password, so it is one.",
                "Nothing is filled there: passwords, codes and cards are recognised only so that nothing else is filled in.",
            ),
            id="two passwords",
        ),
        pytest.param(
            lambda: why({"label": "Yes", **RADIO}, {"label": "No", **RADIO}, at=1),
            (
                "It is answered work-authorization: its probability is 0.96, and 0.67 is needed.",
                "It is one of 2 radios that answer the question “Are you authorized to work”, decided together.",
                "The question “Are you authorized to work” (known to mean work-authorization) spoke most for"
                " work-authorization: without it the probability would be 0.06 instead of 0.96.",
            ),
            id="radios of one question",
        ),
        pytest.param(
            lambda: why({"label": "First name", "type": "checkbox"}),
            ("Its texts look more like given-name (0.96), but a field of type “checkbox” can't be that.",),
            id="type does not admit it",
        ),
        pytest.param(
            lambda: why({"label": "Leave this empty"}, version=trapped()),
            ("It stays empty: its text marks it as a trap for programs, which people leave empty.",),
            id="trap",
        ),
        pytest.param(
            lambda: why({"type": "submit", "label": "Send"}), ("It is ignored: a field of type “submit” is never filled.",), id="button"
        ),
        pytest.param(
            lambda: why({"label": "Fax", "visible": False}),
            ("It is ignored: people don't see it, and such a field is never filled.",),
            id="not visible",
        ),
        pytest.param(
            lambda: why({"type": "search"}), ("It stays empty: it is a search box, which asks for nothing of the user's.",), id="search"
        ),
        pytest.param(
            lambda: why({}), ("It stays empty: it has no label, placeholder, name or id that tells what it asks for.",), id="no text"
        ),
    ],
)
def test_each_kind_of_decision_is_explained_in_plain_english(found: Callable[[], Why], sentences: tuple[str, ...]) -> None:
    told = found().sentences

    assert [sentence for sentence in told if sentence in sentences] == list(sentences), told


def trapped() -> LoadedVersion:
    return a_version(exact={**SYNONYMS, "leave this empty": "none:trap"})


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ({"label": "First name"}, "It is answered given-name: its label “First name” is known to mean that."),
        (
            {"label": "Tlephone"},
            "It is answered tel (telephone): its label “Tlephone” differs in a few letters (similarity 0.94, 0.92 needed) from a text known"
            " to mean that.",
        ),
        (
            {"label": "your full legal name"},
            "It is answered name: nearest to its own text “your full legal name” is “full name” (cosine 0.71, 0.66 needed), known to mean"
            " that.",
        ),
        (
            {"label": "quantum flux capacitor"},
            "It stays empty: nearest to its own text “quantum flux capacitor” is “last name” (cosine 0.41, 0.74 needed), known to mean"
            " family-name.",
        ),
    ],
)
def test_a_version_without_a_ranker_names_the_known_text(field: dict[str, object], sentence: str) -> None:
    assert why(field, version=a_version(has_ranker=False)).sentences[0] == sentence


def test_an_id_that_people_rejected_is_named_without_a_ranker_too() -> None:
    told = why(PHONE, version=a_version(has_ranker=False), remembered=said("", "tel")).sentences

    assert (
        told[0] == "It stays empty: its label “Telephone” is known to mean tel (telephone), but people have rejected that for this field."
    )


def test_a_requested_id_is_compared_and_what_it_would_need_is_tried() -> None:
    found = why({"label": "Full name"}, requested="email")

    assert found.needed is not None
    assert (found.needed.canonical, found.needed.threshold_used) == ("email", 0.6667)
    assert [(one.set, one.text) for one in found.needed.changes] == [("label", "email address")]
    assert "email, which you asked about, has 0.00 and needs 0.67." in found.sentences
    assert found.sentences[-1] == "It would be answered email with the label “email address” (0.96)."


@pytest.mark.parametrize("field", [{"label": "quantum", "autocomplete": "family-name"}, {"type": "submit"}, {}])
def test_a_requested_id_that_was_not_weighed_is_called_so(field: dict[str, object]) -> None:
    found = why(field, requested="email")

    assert found.sentences[-1] == "email, which you asked about, was not weighed: the decision was certain without it."
    assert found.needed is None


def test_every_change_that_is_named_makes_the_field_what_it_says() -> None:
    field: dict[str, object] = {"label": "your full legal name", "name": "first_name"}
    needed = why(field).needed

    assert needed is not None
    assert len(needed.changes) == 2
    for change in needed.changes:
        then = explained({**field, change.set: change.text})
        assert (then.decision, then.predicted, then.score) == ("accepted", needed.canonical, change.score)


def test_a_field_is_explained_in_its_form_with_what_people_said_as_classify_decides_it() -> None:
    fields = [PHONE, {"label": "First name"}, PASSWORD, PASSWORD, {"label": "Yes", **RADIO}, {"label": "No", **RADIO}, {"type": "hidden"}]
    version, remembered = agreed(rejected=("tel",), agree=3), said("email")
    decisions = classify(version, request_of(*fields, remembered=remembered)).decisions

    for position, made in enumerate(decisions):
        shown = explained(*fields, at=position, version=version, remembered=remembered)
        assert (shown.decision, shown.predicted, shown.method, shown.score, shown.threshold_used, shown.confidence_signals) == (
            made.decision,
            made.predicted,
            made.method,
            made.score,
            made.threshold_used,
            made.confidence_signals,
        )


class Fixed:
    """A ranker that always predicts the same: probabilities by class, and of whose the field is."""

    def __init__(self, of_partner: float = 0.0, **probabilities: float) -> None:
        self.settings = settings_of((*SYNONYMS.values(), "tel-national", "street-address", "address-line2", "organization", "school"))
        self.numbers = self.settings.numbers
        self._likely = [probabilities.get(name.replace("-", "_"), 0.0) for name in self.settings.classes]
        self._whose = [1 - of_partner, 0.0, of_partner]

    def predict(self, evidence: Evidence) -> Prediction:
        return Prediction(*(np.tile(np.array(row, np.float32), (len(evidence), 1)) for row in (self._likely, self._whose)))


@pytest.mark.parametrize(
    ("ranker", "field", "sentence"),
    [
        (
            Fixed(0.97, none=0.99),
            {"label": "Spouse's e-mail"},
            "It stays empty: it seems to ask about the user's partner (0.97), and only the user's own data is filled.",
        ),
        (
            Fixed(0.97, none=0.99),
            {"label": "E-mail", "autocomplete": "email"},
            "It stays empty: the page's autocomplete attribute says “email”, but it seems to ask about the user's partner (0.97), and only"
            " the user's own data is filled.",
        ),
        (
            Fixed(none=0.97, email=0.01),
            {"label": "Coupon", "autocomplete": "email"},
            "The page's autocomplete attribute says “email”, but everything else makes that less than 0.05 probable, so it did not decide.",
        ),
        (
            Fixed(tel=0.5, tel_national=0.45),
            {"label": "Call me"},
            "It is answered tel (telephone): with tel-national, which would answer it as well, it reaches 0.95, and needs 0.67.",
        ),
        (
            Fixed(none=0.3, email=0.2),
            {"label": "quantum"},
            "It stays empty: most likely it asks for nothing of the user's (0.30), and no answer is likely enough.",
        ),
    ],
)
def test_what_only_a_trained_ranker_finds_is_explained_too(ranker: Fixed, field: dict[str, object], sentence: str) -> None:
    assert sentence in why(field, version=replace(a_version(), ranker=ranker)).sentences


def test_an_attribute_that_needs_a_probability_and_lacks_it_is_explained() -> None:
    version = replace(a_version(), ranker=Fixed(none=0.6, email=0.4))
    careful = version.thresholds.model_copy(update={"ranker": version.thresholds.ranker.model_copy(update={"autocomplete": 0.5})})

    told = why({"label": "Write to us", "autocomplete": "email"}, version=replace(version, thresholds=careful)).sentences

    assert told[0] == (
        "It stays empty: the page's autocomplete attribute says “email”, but everything known of the field makes that only 0.40 probable,"
        " and 0.50 is needed."
    )


def test_every_signal_of_a_contradiction_in_the_form_has_a_sentence() -> None:
    sources = [Path(str(module.__file__)).read_text("utf-8") for module in (conflicts, entries)]

    assert set(re.findall(r'"(form:[a-z-]+)"', "".join(sources))) == set(FORM_SIGNALS)


def test_a_twin_a_second_line_and_an_unclear_entry_are_explained() -> None:
    known = {
        "address": "street-address",
        "apartment": "address-line2",
        "company": "organization",
        "first name": "given-name",
        "school": "school",
    }
    version = replace(a_version(exact=known), ranker=tiny_ranker(known.values()))

    twin = why({"label": "First name", "autocomplete": "given-name"}, {"label": "First name"}, at=1, version=version)
    line = why({"label": "Address"}, {"label": "Apartment"}, version=version)
    schools = [{"label": "School", "section": section} for section in ("School 2", "School 1")]
    entry = why(*schools, at=1, version=version)

    assert FORM_SIGNALS["form:stronger-twin-nearby"] in twin.sentences
    assert line.sentences[0].startswith("It is answered address-line1 in place of street-address, whose probability is ")
    assert FORM_SIGNALS["form:second-line-follows"] in line.sentences
    assert FORM_SIGNALS[entries.UNCLEAR] in entry.sentences


def test_the_entry_of_a_repeated_block_is_told() -> None:
    version = replace(a_version(exact={"school": "school"}), ranker=tiny_ranker(["school"]))
    schools = [{"label": "School", "section": f"School {number}"} for number in (1, 2)]

    assert why(*schools, at=1, version=version).sentences[-1] == "It is in block 2 of its kind, and gets that entry of the profile."


def test_every_owner_that_fields_are_labelled_with_has_a_name() -> None:
    assert set(get_args(Whose)) - {"self"} == set(OWNERS)


# -- leaving out --------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("number", LAYOUTS)
def test_every_column_of_a_layout_is_a_view(number: int) -> None:
    layout = LAYOUTS[number]
    named = {VIEW_OF.get((array, column), column) for array in ("views", "lexical", "shape") for column in getattr(layout, array)}

    assert {"label", "placeholder", "name", "id", "options", "type", "length", "place", "similar"} <= named


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


@pytest.mark.parametrize("field", [PHONE, {"label": "quantum"}, {"type": "submit", "label": "Send"}])
def test_a_text_that_is_no_id_is_called_so(field: dict[str, object]) -> None:
    told = why(field, requested="e-\u202email").sentences

    assert "“e- mail”, which you asked about, is none of the ids that this version knows." in told
    assert all("\u202e" not in sentence for sentence in told)


class InHungary(Fixed):
    """A ranker that finds an e-mail address only on Hungarian pages."""

    def predict(self, evidence: Evidence) -> Prediction:
        predicted = super().predict(evidence)
        is_there = evidence.shape[:, -1] == PLACES.index("HU")
        return replace(predicted, probabilities=predicted.probabilities * is_there[:, None])


def test_a_changed_field_is_still_on_its_page() -> None:
    """The domain tells the country, and no field does."""
    page = {"fields": [{"selector": "#a", "label": "quantum", "autocomplete": "email"}], "page": {"origin": "https://bolt.hu"}}
    version = replace(a_version(), ranker=InHungary(email=0.9))

    found = explain_decision(version, MlClassifyRequest.model_validate(page), 0)

    assert found.why is not None
    assert "Without the attribute it would be the same, with 0.90." in found.why.sentences


@dataclass(frozen=True, slots=True)
class WithCountry(Evidence):
    """The evidence of a later release, with one more array."""

    country: NDArray[np.int64]


class ByCountry(Fixed):
    """A ranker that finds an e-mail address only with a country."""

    def predict(self, evidence: Evidence) -> Prediction:
        assert isinstance(evidence, WithCountry)
        predicted = super().predict(evidence)
        has_country = evidence.country.reshape(len(evidence), -1).any(axis=1)
        return replace(predicted, probabilities=predicted.probabilities * has_country[:, None])


@pytest.mark.parametrize("shape", [(7,), (7, 2)])
def test_an_array_that_a_later_release_adds_is_a_view_by_its_own_name(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def with_country(*of_form: Any) -> WithCountry:
        evidence = gather(*of_form)
        arrays = {one.name: getattr(evidence, one.name) for one in fields(evidence)}
        return WithCountry(**arrays, country=np.ones(shape, np.int64))

    monkeypatch.setattr("fieldwise_inference.classify.ranker.decide.gather", with_country)

    found = why(*[{"label": "quantum"}] * 7, at=3, version=replace(a_version(), ranker=ByCountry(email=0.9)))

    assert [(one.view, one.without) for one in found.spoke_for] == [("country", 0.0)]


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


def test_an_explanation_is_the_same_every_time() -> None:
    field: dict[str, object] = {"label": "your full legal name", "name": "first_name", "placeholder": "Tlephone"}

    assert explained(PHONE, field, PASSWORD, at=1) == explained(PHONE, field, PASSWORD, at=1)


# -- texts --------------------------------------------------------------------------------------------------------------


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


# -- the request --------------------------------------------------------------------------------------------------------


def test_a_field_is_explained_in_its_form_by_its_selector() -> None:
    form = {"fields": [{"selector": "#a", **PASSWORD}, {"selector": "#b", **PASSWORD}], "page": {"origin": ORIGIN}}

    found = explain_threshold(a_version(), MlThresholdRequest.model_validate({"field": {"selector": "#b"}, **form}))

    assert found.decision.predicted == "new-password"
    assert (found.field["label"], found.signature) == (
        "Password",
        classify(a_version(), MlClassifyRequest.model_validate(form)).decisions[1].signature,
    )


@pytest.mark.parametrize(
    ("field", "pointer"), [({"selector": "#nowhere"}, "/field/selector"), ({"label": "Password"}, "/field/selector"), (None, "/field")]
)
def test_a_field_that_is_not_of_the_form_is_refused(field: dict[str, str] | None, pointer: str) -> None:
    request = MlThresholdRequest.model_validate({"field": {}, "fields": [{"selector": "#a", **PASSWORD}]})
    asked = request.model_copy(update={"field": DebuggedField.model_validate(field) if field is not None else None})

    with pytest.raises(InvalidRequest) as refused:
        explain_threshold(a_version(), asked)

    assert refused.value.faults[0].pointer == pointer
