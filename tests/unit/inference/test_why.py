"""Why a field is decided as it is: the sentences about each kind of decision."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from tests.support.deciding import SYNONYMS, a_version
from tests.support.explaining import ORIGIN, PASSWORD, PHONE, RADIO, SITE, explained, request_of, signature_of, why
from tests.support.tiny_ranker import settings_of, tiny_ranker

from fieldwise_common.store.overrides import Override
from fieldwise_common.wire import KnownField, Page
from fieldwise_common.wire_explain import Why
from fieldwise_inference.classify import conflicts, entries
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.explain import explain_decision
from fieldwise_inference.classify.form_place import FormPlace
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.evidence import Evidence
from fieldwise_inference.classify.ranker.features import LAYOUTS
from fieldwise_inference.classify.ranker.ranker import Prediction
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_inference.classify.why.sentences import FORM_SIGNALS
from fieldwise_inference.classify.why.wording import OWNERS
from fieldwise_training.corpus import Whose


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
                "It is matched to given-name: its probability is 0.96, and 0.67 is needed.",
                "The label “First name” (known to mean given-name) spoke most for given-name: without it the probability would"
                " be 0.06 instead of 0.96.",
                "Second came “none of the user's data” with 0.02.",
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
                'It would be matched to given-name if the page said autocomplete="given-name" or with the label “first name” (1.00).',
            ),
            id="held back below its threshold",
        ),
        pytest.param(
            lambda: why({"label": "I agree to the terms", "type": "checkbox"}),
            (
                "It stays empty: it asks for none of the user's data, with a probability of 1.00; 0.60 is enough.",
                "The label “I agree to the terms” (known to mean consent) spoke most for leaving it empty: without it the"
                " probability would be 0.42 instead of 1.00.",
                "No other answer reaches 0.01.",
            ),
            id="none of the user's data",
        ),
        pytest.param(
            lambda: why({"label": "quantum", "autocomplete": "family-name"}),
            (
                "It is matched to family-name: the page's autocomplete attribute says “family-name”, and nothing in the field contradicts"
                " it.",
                "Without the attribute it would stay empty: nothing would be likely enough.",
            ),
            id="autocomplete",
        ),
        pytest.param(
            lambda: why({"label": "First name", "autocomplete": "family-name"}),
            (
                "It is matched to given-name: its probability is 0.96, and 0.67 is needed.",
                "The page's autocomplete attribute says “family-name”, but the label means given-name, so it did not decide alone.",
            ),
            id="contradicted autocomplete",
        ),
        pytest.param(
            lambda: why(PHONE, remembered=said("tel-area-code")),
            ("It is matched to tel-area-code: the user said so on this site.", "Without that it would be tel (phone number), with 0.96."),
            id="remembered",
        ),
        pytest.param(
            lambda: why(PHONE, remembered=said("none")),
            ("It stays empty, as it asks for none of the user's data: the user said so on this site.",),
            id="remembered as nothing",
        ),
        pytest.param(
            lambda: why(PHONE, remembered=said("", "tel")),
            (
                "It stays empty: what it looks like most is ruled out, and nothing else is likely enough.",
                "Its texts look more like tel (phone number) (0.96), but people have rejected that for this field.",
            ),
            id="rejected by someone",
        ),
        pytest.param(
            lambda: why(PHONE, version=agreed(canonical="email", agree=3, against=1)),
            ("It is matched to email: users of this site agree on it (3 for it, 1 against it).",),
            id="agreed on",
        ),
        pytest.param(
            lambda: why(PHONE, version=agreed(canonical="email", agree=1, trusted=True)),
            ("It is matched to email: an admin said so about this field of the site.",),
            id="agreed on by an admin",
        ),
        pytest.param(
            lambda: why(PHONE, version=overridden("email")),
            ("It is matched to email: an admin decided so for this field of the site.",),
            id="override",
        ),
        pytest.param(
            lambda: why(PASSWORD, {**PASSWORD, "name": "again"}, at=1),
            (
                "It is matched to new-password in place of current-password, whose probability is 0.96; 0.67 is needed.",
                "Two password boxes in a row ask for a new password, so it is one.",
                "Nothing is filled there: passwords, codes and cards are recognised only so that nothing else is filled in.",
            ),
            id="two passwords",
        ),
        pytest.param(
            lambda: why({"label": "Yes", **RADIO}, {"label": "No", **RADIO}, at=1),
            (
                "It is matched to work-authorization: its probability is 0.96, and 0.67 is needed.",
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
            ("It stays empty: its text marks it as a trap for bots, which people leave empty.",),
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
            lambda: why({"type": "search"}), ("It stays empty: it is a search box, which asks for none of the user's data.",), id="search"
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
        ({"label": "First name"}, "It is matched to given-name: its label “First name” is known to mean that."),
        (
            {"label": "Tlephone"},
            "It is matched to tel (phone number): its label “Tlephone” differs in a few letters (similarity 0.94, 0.92 needed) from a text"
            " known to mean that.",
        ),
        (
            {"label": "your full legal name"},
            "It is matched to name: nearest to its own text “your full legal name” is “full name” (cosine 0.71, 0.66 needed), known to mean"
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

    assert told[0] == (
        "It stays empty: its label “Telephone” is known to mean tel (phone number), but people have rejected that for this field."
    )


def test_a_requested_id_is_compared_and_what_it_would_need_is_tried() -> None:
    found = why({"label": "Full name"}, requested="email")

    assert found.needed is not None
    assert (found.needed.canonical, found.needed.threshold_used) == ("email", 0.6667)
    assert [(one.set, one.text) for one in found.needed.changes] == [("label", "email address")]
    assert "email, which you asked about, has a probability of 0.00 and needs 0.67." in found.sentences
    assert found.sentences[-1] == "It would be matched to email with the label “email address” (0.96)."


@pytest.mark.parametrize("field", [{"label": "quantum", "autocomplete": "family-name"}, {"type": "submit"}, {}])
def test_a_requested_id_that_was_not_weighed_is_called_so(field: dict[str, object]) -> None:
    found = why(field, requested="email")

    assert found.sentences[-1] == "email, which you asked about, was not weighed: the decision was certain without it."
    assert found.needed is None


@pytest.mark.parametrize("field", [PHONE, {"label": "quantum"}, {"type": "submit", "label": "Send"}])
def test_a_text_that_is_no_id_is_called_so(field: dict[str, object]) -> None:
    told = why(field, requested="e-\u202email").sentences

    assert "“e- mail”, which you asked about, is not an id that this version knows." in told
    assert all("\u202e" not in sentence for sentence in told)


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
            "It stays empty: it seems to ask about the user's partner (0.97), and only the user's own, current data is filled.",
        ),
        (
            Fixed(0.97, none=0.99),
            {"label": "E-mail", "autocomplete": "email"},
            "It stays empty: the page's autocomplete attribute says “email”, but it seems to ask about the user's partner (0.97), and only"
            " the user's own, current data is filled.",
        ),
        (
            Fixed(none=0.97, email=0.01),
            {"label": "Coupon", "autocomplete": "email"},
            "The page's autocomplete attribute says “email”, but everything else makes that less than 0.05 probable, so it did not decide.",
        ),
        (
            Fixed(tel=0.5, tel_national=0.45),
            {"label": "Call me"},
            "It is matched to tel (phone number): with tel-national, which would be right as well, it reaches 0.95, and needs 0.67.",
        ),
        (
            Fixed(none=0.3, email=0.2),
            {"label": "quantum"},
            "It stays empty: most likely it asks for none of the user's data (0.30), and no answer is likely enough.",
        ),
    ],
)
def test_what_only_a_trained_ranker_finds_is_explained_too(ranker: Fixed, field: dict[str, object], sentence: str) -> None:
    assert sentence in why(field, version=replace(a_version(), ranker=ranker)).sentences


class OfOneCountry(Fixed):
    """A ranker that knows forms of one country only."""

    def __init__(self, country: str, **probabilities: float) -> None:
        super().__init__(**probabilities)
        self._place = FormPlace(country).number

    def predict(self, evidence: Evidence) -> Prediction:
        predicted = super().predict(evidence)
        is_there = evidence.shape[:, LAYOUTS[self.settings.features].shape.index("places")] == self._place
        return replace(predicted, probabilities=predicted.probabilities * is_there[:, None])


def test_what_a_field_would_be_is_decided_on_its_page_too() -> None:
    asked = request_of({"label": "quantum", "autocomplete": "family-name"})
    asked = asked.model_copy(update={"page": Page(origin="https://shop.example.ch")})

    found = explain_decision(replace(a_version(), ranker=OfOneCountry("CH", email=0.9, family_name=0.1)), asked, 0).why

    assert found is not None
    assert "Without the attribute it would be email, with 0.90." in found.sentences


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
    assert line.sentences[0].startswith("It is matched to address-line1 in place of street-address, whose probability is ")
    assert FORM_SIGNALS["form:second-line-follows"] in line.sentences
    assert FORM_SIGNALS[entries.UNCLEAR] in entry.sentences


def test_the_entry_of_a_repeated_block_is_told() -> None:
    version = replace(a_version(exact={"school": "school"}), ranker=tiny_ranker(["school"]))
    schools = [{"label": "School", "section": f"School {number}"} for number in (1, 2)]

    assert (
        why(*schools, at=1, version=version).sentences[-1] == "It is in repeated block 2, and is filled from entry 2 of the profile's list."
    )


def test_every_owner_that_fields_are_labelled_with_has_a_name() -> None:
    assert set(get_args(Whose)) - {"self"} == set(OWNERS)
