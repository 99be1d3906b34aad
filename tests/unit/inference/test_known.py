from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.support.deciding import a_version

from fieldwise_common.store.overrides import Override
from fieldwise_common.wire import FieldDescriptor, KnownField, MlClassifyRequest, MlClassifyResponse
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.known import recognise
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.evidence import Evidence
from fieldwise_inference.classify.ranker.ranker import Prediction, Ranker
from fieldwise_inference.classify.signature import Signature, signatures
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers

ORIGIN, SITE = "https://shop.example", "0123456789abcdef"
PHONE = {"selector": "#p", "name": "phone", "label": "Telephone"}
BOXES = [{"selector": f"#p{i}", "name": f"phone{i}", "label": "Telephone" if i == 1 else "", "maxlength": 3} for i in (1, 2, 3)]


def signature(field: dict[str, object], *before: dict[str, object], origin: str = ORIGIN) -> str:
    return str(signatures([FieldView(FieldDescriptor.model_validate(f)) for f in (*before, field)], origin)[-1])


def override(canonical: str, field: dict[str, object] = PHONE) -> Override:
    at = datetime(2026, 11, 29, tzinfo=UTC)
    return Override(site=SITE, origin=ORIGIN, signature=signature(field), canonical=canonical, by="root", at=at, why="test")


def version(has_ranker: bool = True, agreed: SiteAnswer | None = None, said: Override | None = None) -> LoadedVersion:
    made = a_version(has_ranker)
    sites = SiteAnswers(sites={SITE: {signature(PHONE): agreed}} if agreed is not None else {})
    overrides = {SITE: {said.signature: said}} if said is not None else {}
    return LoadedVersion(made.version, made.encoder, made.index, made.lexicon, made.thresholds, made.ranker, sites, overrides)


def ask(
    loaded: LoadedVersion, *fields: dict[str, object], remembered: tuple[KnownField, ...] = (), site: str = SITE, origin: str = ORIGIN
) -> MlClassifyResponse:
    page = {"origin": origin} if origin else {}
    body = {"fields": list(fields), "page": page, "site": site, "remembered": [entry.model_dump() for entry in remembered]}
    return classify(loaded, MlClassifyRequest.model_validate(body))


def own(canonical: str, *rejected: str, field: dict[str, object] = PHONE) -> KnownField:
    return KnownField(signature=signature(field), canonical=canonical, rejected=rejected)


@pytest.mark.parametrize("has_ranker", [True, False])
def test_what_a_user_corrected_is_decided_first(has_ranker: bool) -> None:
    [match] = ask(version(has_ranker), PHONE, remembered=(own("tel-area-code"),)).matches

    assert (match.canonical, match.method, match.score) == ("tel-area-code", "remembered", 1.0)
    assert match.confidence_signals == ("remembered:tel-area-code",)


@pytest.mark.parametrize("has_ranker", [True, False])
def test_an_answer_that_a_user_rejected_is_kept_away_from_the_field(has_ranker: bool) -> None:
    [decision] = ask(version(has_ranker), PHONE, remembered=(own("", "tel"),)).decisions

    assert decision.decision != "accepted"
    assert ask(version(has_ranker), PHONE).matches[0].canonical == "tel"


def test_an_answer_that_a_user_rejected_is_not_taken_from_the_page_either() -> None:
    field = {**PHONE, "autocomplete": "tel"}

    assert ask(version(), field).matches[0].method == "autocomplete"
    assert ask(version(), field, remembered=(own("", "tel", field=field),)).matches == ()


def test_a_field_that_a_user_called_nothing_is_left_alone() -> None:
    [decision] = ask(version(), PHONE, remembered=(own("none", "tel"),)).decisions

    assert (decision.decision, decision.predicted, decision.method) == ("nothing", "none", "remembered")


def test_types_that_are_never_filled_stay_ignored_whatever_people_say() -> None:
    hidden = {**PHONE, "type": "hidden"}

    [decision] = ask(version(), hidden, remembered=(own("tel", field=hidden),)).decisions

    assert decision.decision == "ignored"


def test_what_the_sites_users_agree_on_is_decided_there_with_its_counts() -> None:
    loaded = version(agreed=SiteAnswer(canonical="tel-area-code", agree=4, against=1))

    [match] = ask(loaded, PHONE).matches
    [elsewhere] = ask(loaded, PHONE, site="fedcba9876543210").matches

    assert (match.canonical, match.method, match.confidence_signals) == ("tel-area-code", "site", ("site:tel-area-code@4+1-",))
    assert elsewhere.canonical == "tel"


def test_ones_own_word_comes_before_an_override_and_that_before_the_sites() -> None:
    loaded = version(agreed=SiteAnswer(canonical="name", agree=9), said=override("email"))

    assert ask(version(agreed=SiteAnswer(canonical="name", agree=9)), PHONE).matches[0].method == "site"
    assert ask(loaded, PHONE).matches[0].method == "override"
    assert ask(loaded, PHONE, remembered=(own("tel"),)).matches[0].method == "remembered"


@pytest.mark.parametrize("has_ranker", [True, False])
def test_ones_own_word_holds_though_the_site_rejects_it(has_ranker: bool) -> None:
    loaded = version(has_ranker, agreed=SiteAnswer(canonical="name", rejected=("tel",), agree=9))

    [match] = ask(loaded, PHONE, remembered=(own("tel"),)).matches

    assert (match.canonical, match.method) == ("tel", "remembered")


def test_what_a_user_rejected_is_not_decided_because_others_say_it() -> None:
    loaded = version(agreed=SiteAnswer(canonical="name", agree=9), said=override("email"))

    assert ask(loaded, PHONE, remembered=(own("", "email"),)).matches[0].canonical == "name"
    assert [m.canonical for m in ask(loaded, PHONE, remembered=(own("", "email", "name"),)).matches] == ["tel"]


def test_an_id_that_the_version_no_longer_knows_is_passed_over() -> None:
    [match] = ask(version(agreed=SiteAnswer(canonical="gone-id", agree=9)), PHONE, remembered=(own("gone-too"),)).matches

    assert (match.canonical, match.method) == ("tel", "ranker")


class WatchedRanker:
    """A ranker that keeps the evidence it was given."""

    def __init__(self, inner: Ranker) -> None:
        self.settings, self.numbers = inner.settings, inner.numbers
        self.seen: list[Evidence] = []
        self._inner = inner

    def predict(self, evidence: Evidence) -> Prediction:
        self.seen.append(evidence)
        return self._inner.predict(evidence)


def test_the_ranker_sees_what_people_said_about_a_field_when_it_decides_about_the_fields_around_it() -> None:
    loaded = version()
    assert loaded.ranker is not None
    watched = WatchedRanker(loaded.ranker)
    form = ({"selector": "#a", "name": "full", "label": "Full name"}, PHONE)

    ask(replace(loaded, ranker=watched), *form)
    ask(replace(loaded, ranker=watched), *form, remembered=(own("tel-area-code"),))

    before, after = ([{n for n in row if n} for row in evidence.lexical.tolist()] for evidence in watched.seen)
    assert before[0] == after[0]
    assert before[1] == {watched.numbers["tel"]}
    assert after[1] == {watched.numbers["tel-area-code"]}


def test_a_field_near_one_that_people_gave_the_same_id_keeps_its_own() -> None:
    form = ({"selector": "#a", "name": "full", "label": "Full name"}, PHONE)

    matches = ask(version(), *form, remembered=(own("name"),)).matches

    assert [(match.canonical, match.method) for match in matches] == [("name", "ranker"), ("name", "remembered")]


def test_what_a_user_said_stands_beside_an_autocomplete_attribute_with_the_same_id() -> None:
    form = ({"selector": "#a", "name": "n", "autocomplete": "name"}, PHONE)

    matches = ask(version(), *form, remembered=(own("name"),)).matches

    assert [(match.canonical, match.method) for match in matches] == [("name", "autocomplete"), ("name", "remembered")]


def test_without_an_origin_a_correction_holds_for_the_very_same_form() -> None:
    corrected = KnownField(signature=signature(PHONE, origin=""), canonical="name")
    other_form = ({"selector": "#e", "label": "E-mail"}, PHONE)

    assert ask(version(), PHONE, remembered=(corrected,), origin="").matches[0].method == "remembered"
    assert [m.method for m in ask(version(), *other_form, remembered=(corrected,), origin="").matches if m.selector == "#p"] == ["ranker"]


def test_a_field_whose_label_changed_is_recognised_by_its_names() -> None:
    assert ask(version(), {**PHONE, "label": "Rufnummer"}, remembered=(own("tel-area-code"),)).matches[0].canonical == "tel-area-code"


@pytest.mark.parametrize(
    ("form", "entries"),
    [
        (["~1-b-0"], ["~1-a-0"]),
        (["1-b-0", "1-c-0"], ["1-a-0"]),
        (["1-c-0"], ["1-a-0", "1-b-0"]),
        (["2-a-0"], ["1-a-0"]),
    ],
    ids=["weak names", "two such fields in the form", "two such fields on the site", "the same label, other names"],
)
def test_by_names_alone_a_field_is_recognised_only_if_there_is_no_doubt(form: list[str], entries: list[str]) -> None:
    signed = [Signature(names, label, int(place)) for names, label, place in (text.rsplit("-", 2) for text in form)]

    assert recognise(signed, dict.fromkeys(entries, "entry")) == [None] * len(form)


def test_a_decision_names_its_request_its_site_and_its_place() -> None:
    response = ask(version(), PHONE, {"selector": "#q", "label": "First name"}, PHONE)

    assert [d.decision_id for d in response.decisions] == [f"{response.request_id}.{SITE}.{i}" for i in (0, 1, 2)]
    assert [d.position for d in response.decisions] == [0, 1, 2]
    assert [bool(d.signature) for d in response.decisions] == [True, True, False]


def test_a_field_is_recognised_by_names_beside_one_that_is_recognised_exactly() -> None:
    form = [Signature("1", "a", 0), Signature("2", "b", 0), Signature("3", "c", 0)]

    assert recognise(form, {"1-a-0": "first", "2-z-0": "second", "4-d-0": "fourth"}) == ["first", "second", None]
