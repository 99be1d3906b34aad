"""Radios and boxes that answer one question are decided together, and apart from all others."""

import time

import pytest
from tests.support.deciding import SYNONYMS, FlatIndex, WordEncoder, a_version, decide
from tests.support.tiny_ranker import tiny_ranker

from fieldwise_common.wire import MAX_FIELDS, FieldDescriptor, KnownField, MlClassifyRequest, MlClassifyResponse
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.known import NOTHING_KNOWN, Known, of_question
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.questions import questions
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.signature import signatures
from fieldwise_inference.classify.thresholds import Thresholds

RADIO = {"type": "radio"}
BOX = {"type": "checkbox"}
TEXTS = {**SYNONYMS, "skills": "skills", "gender": "gender"}


def version() -> LoadedVersion:
    ranker = tiny_ranker(TEXTS.values())
    return LoadedVersion("tiny", WordEncoder(), FlatIndex(), Lexicon(exact=TEXTS), Thresholds(), ranker)


def known(field: dict[str, object]) -> KnownField:
    """That a field alone on a page is a work authorization."""
    return KnownField(signature=str(signatures(views(field), "https://shop.example")[0]), canonical="work-authorization")


def views(*fields: dict[str, object]) -> list[FieldView]:
    return [FieldView(FieldDescriptor.model_validate({"selector": f"#f{number}", **field})) for number, field in enumerate(fields)]


def members(*fields: dict[str, object]) -> list[tuple[int, ...]]:
    return [question.members for question in questions(views(*fields))]


def ask(*fields: dict[str, object], remembered: tuple[KnownField, ...] = ()) -> MlClassifyResponse:
    described = [{"selector": f"#f{number}", **field} for number, field in enumerate(fields)]
    request = {"fields": described, "page": {"origin": "https://shop.example"}}
    return classify(version(), MlClassifyRequest.model_validate(request).model_copy(update={"remembered": remembered}))


@pytest.mark.parametrize(
    ("fields", "joined"),
    [
        pytest.param([{**RADIO, "name": "g"}, {**RADIO, "name": "g"}], [(0, 1)], id="radios of one name"),
        pytest.param([{**RADIO, "name": "g"}, {**RADIO, "name": "h"}], [(0,), (1,)], id="radios of two names"),
        pytest.param([{**RADIO, "name": name, "group": "G"} for name in "gghh"], [(0, 1), (2, 3)], id="names before group"),
        pytest.param([{**RADIO, "name": "g", "group": "G"}, {**RADIO, "name": "h", "group": "G"}], [(0, 1)], id="a name for each answer"),
        pytest.param([{**RADIO, "group": "G"}, {**RADIO, "group": "G"}], [(0, 1)], id="radios without a name, of one group"),
        pytest.param([RADIO, RADIO], [(0,), (1,)], id="radios without anything"),
        pytest.param([{**RADIO, "name": "g"}, {"type": "text"}, {**RADIO, "name": "g"}], [(0, 2), (1,)], id="members far apart"),
        pytest.param(
            [{**RADIO, "name": "answer", "group": group} for group in "AABB"], [(0, 1), (2, 3)], id="one name for two groups of a page"
        ),
        pytest.param(
            [{**RADIO, "name": "g", "group": "G"}, {**RADIO, "name": "g"}], [(0, 1)], id="the group is given with the first radio only"
        ),
        pytest.param(
            [{**RADIO, "name": "g"}, {**RADIO, "name": "g", "group": "G"}], [(0, 1)], id="the group is given with the second radio only"
        ),
        *(
            pytest.param([{**RADIO, "name": "g", key: "a"}, {**RADIO, "name": "g", key: "b"}], [(0,), (1,)], id=f"another {key}")
            for key in ("form", "frame")
        ),
        pytest.param([{**RADIO, "name": "g", "section": section} for section in "aabb"], [(0, 1), (2, 3)], id="another section"),
        *(
            pytest.param([{**RADIO, "name": "g", key: text} for text in "aab"], [(0, 1, 2)], id=f"a {key} that one radio has alone")
            for key in ("section", "group")
        ),
        pytest.param(
            [{"type": "hidden", "name": "g"}, {**RADIO, "name": "g"}, {**RADIO, "name": "g"}],
            [(1, 2)],
            id="a hidden fallback of the same name",
        ),
        pytest.param([{**RADIO, "name": "g"}, {**RADIO, "name": "g", "visible": False}], [(0,)], id="a radio that is not visible"),
        pytest.param([{**BOX, "name": "skills[]"}, {**BOX, "name": "skills[]"}], [(0, 1)], id="boxes of one list"),
        pytest.param([{**BOX, "name": "skills[0]"}, {**BOX, "name": "skills[1]"}], [(0, 1)], id="boxes with an index"),
        pytest.param([{**BOX, "name": "skills"}, {**BOX, "name": "skills"}], [(0, 1)], id="boxes of one name"),
        pytest.param([{**BOX, "name": "checkbox"}, {**BOX, "name": "checkbox"}], [(0,), (1,)], id="boxes of a name that says nothing"),
        pytest.param([BOX, BOX], [(0,), (1,)], id="boxes without anything"),
        pytest.param([{**BOX, "group": "G"}, {**BOX, "group": "G"}], [(0, 1)], id="boxes of one group, without names"),
        pytest.param(
            [{**BOX, "group": "G", "name": "race_white"}, {**BOX, "group": "G", "name": "race_asian"}],
            [(0, 1)],
            id="names that begin alike",
        ),
        pytest.param(
            [{**BOX, "group": "G", "name": "authorized"}, {**BOX, "group": "G", "name": "needs_visa"}],
            [(0,), (1,)],
            id="statements under one heading",
        ),
        pytest.param([{**RADIO, "name": "g"}, {**BOX, "name": "g"}], [(0,), (1,)], id="a radio and a box"),
        pytest.param([{"type": "text", "group": "G"}, {"type": "text", "group": "G"}], [(0,), (1,)], id="text boxes in a group"),
        pytest.param(
            [{**RADIO, "name": "g", "options": ["a", "b"]}, {**RADIO, "name": "g", "options": ["a", "b"]}],
            [(0,), (1,)],
            id="whole questions",
        ),
        pytest.param(
            [{**RADIO, "name": name, "group": "G", "options": ["a", "b"], "label": "a"} for name in "gh"],
            [(0,), (1,)],
            id="whole questions, each sent as its first radio",
        ),
        *(
            pytest.param(
                [{**kind, "name": "g", "options": ["a", "b"], "label": label} for label in "ab"],
                [(0, 1)],
                id=f"{kind['type']} with all options",
            )
            for kind in (RADIO, BOX)
        ),
    ],
)
def test_fields_form_a_question(fields: list[dict[str, object]], joined: list[tuple[int, ...]]) -> None:
    assert members(*fields) == joined


def test_a_question_is_read_as_one_field_with_its_members_as_options() -> None:
    [question] = questions(views(*({**RADIO, "name": "g", "group": "Gender", "label": label} for label in ("Female", "Male", "Male"))))

    assert (question.view.label, question.view.kind) == ("gender", "radio")
    assert [option.text for option in question.view.field.options] == ["Female", "Male", "Male"]


@pytest.mark.parametrize("groups", [("", "Gender"), ("Gender", ""), ("Female", "Gender")])
def test_the_group_of_a_question_is_what_is_no_answer(groups: tuple[str, str]) -> None:
    fields = [{**RADIO, "name": "x", "group": group, "label": label} for group, label in zip(groups, ("Female", "Male"), strict=True)]

    [question] = questions(views(*fields))

    assert question.view.label == "gender"
    assert [match.field.group for match in ask(*fields).matches] == ["Gender"] * 2


def test_the_answers_sent_with_each_radio_are_the_questions() -> None:
    both = {"options": ["Female", "Male"], "name": "x", "group": "Gender"}

    matches = ask(*({**RADIO, **both, "label": label} for label in ("Female", "Male"))).matches

    assert [(match.canonical, match.field.options, match.field.question) for match in matches] == [
        ("gender", (), matches[0].decision_id)
    ] * 2


@pytest.mark.parametrize("key", ["label", "aria_label", "title"])
@pytest.mark.parametrize("label", ["", "no label"])
def test_a_match_has_the_label_that_decided(key: str, label: str) -> None:
    [match] = ask({"label": label, key: "Gender"}).matches

    assert (match.canonical, match.field.label) == ("gender", "Gender")


@pytest.mark.parametrize("key", ["name", "id"])
def test_a_name_is_the_label_where_there_is_nothing_else(key: str) -> None:
    [alone] = ask({"type": "checkbox", key: "notAuthorized"}, remembered=(known({"type": "checkbox", key: "notAuthorized"}),)).matches
    [labelled] = ask({key: "not_authorized", "label": "Gender"}).matches

    assert (alone.field.label, labelled.field.label) == ("not authorized", "Gender")


def test_the_name_of_radios_is_their_question_and_no_answer() -> None:
    fields = [{**RADIO, "name": "gender"} for _ in range(2)]

    matches = ask(*fields).matches

    assert [(match.field.group, match.field.label) for match in matches] == [("gender", "")] * 2
    assert [match.field.label for match in ask(fields[0]).matches] == [""]


def test_a_title_is_the_question_of_radios_and_help_beside_a_label() -> None:
    fields = [{**RADIO, "name": "x", "title": "Gender", "label": label} for label in ("Female", "Male")]

    radios = ask(*fields).matches
    [beside] = ask({"label": "Gender", "title": "In one word"}).matches
    [helped] = ask({"label": "Gender", "title": "In one word", "described_by": "Optional"}).matches

    assert [(match.field.group, match.field.label) for match in radios] == [("Gender", "Female"), ("Gender", "Male")]
    assert (beside.field.described_by, helped.field.described_by) == ("In one word", "Optional")


def test_a_text_nearby_is_not_a_matchs_label() -> None:
    [match] = ask({"label": "no label", "nearby": "Gender"}).matches

    assert (match.canonical, match.field.label, match.field.nearby) == ("gender", "", "Gender")


def test_every_member_gets_the_decision_of_its_question() -> None:
    response = ask(*({**RADIO, "name": "x", "group": "Gender", "label": label} for label in ("Female", "Male")), {"label": "Email address"})

    female, male, email = response.matches
    assert [female.canonical, male.canonical, email.canonical] == ["gender", "gender", "email"]
    assert female.score == male.score
    assert female.field.question == male.field.question == female.decision_id
    assert email.field.question == ""
    assert len({decision.decision_id for decision in response.decisions}) == 3


def test_a_lone_box_may_be_yes_or_no_only_and_several_boxes_any_choice() -> None:
    box = {**BOX, "name": "s[]", "group": "Skills"}

    [alone] = ask({**box, "label": "Skills"}).decisions
    [one, other] = ask({**box, "label": "Python"}, {**box, "label": "Rust"}).decisions

    assert alone.decision != "accepted"
    assert (one.decision, one.predicted) == (other.decision, other.predicted) == ("accepted", "skills")


def test_what_a_user_corrected_about_one_radio_holds_for_its_question() -> None:
    fields = [{**RADIO, "name": "x", "group": "Gender", "label": label} for label in ("Female", "Male")]
    signature = str(signatures(views(*fields), "https://shop.example")[1])

    said = ask(*fields, remembered=(KnownField(signature=signature, canonical="none"),))
    refused = ask(*fields, remembered=(KnownField(signature=signature, rejected=("gender",)),))

    assert [(made.decision, made.method) for made in said.decisions] == [("nothing", "remembered")] * 2
    assert [made.known is not None for made in said.decisions] == [False, True]  # logged with the field that it was said about
    assert "gender" not in {made.predicted for made in refused.decisions}


def test_of_several_words_about_a_question_the_users_own_counts_and_no_rejected_id() -> None:
    own, by_site = Ruling("accepted", "remembered", "gender", 1, 1), Ruling("accepted", "site", "sex", 1, 1)

    assert of_question([NOTHING_KNOWN, NOTHING_KNOWN]) is NOTHING_KNOWN
    assert of_question([Known(by_site), Known(own)]).ruling == own
    assert of_question([Known(by_site), Known(own, frozenset({"sex"}))]) == Known(own, frozenset({"sex"}))
    assert of_question([Known(own), Known(None, frozenset({"gender"}))]).ruling is None


def test_three_hundred_radios_of_one_group_are_decided_quickly_and_small() -> None:
    fields = [{**RADIO, "name": "x", "group": "Gender", "label": f"Choice {number}"} for number in range(MAX_FIELDS)]
    started = time.process_time()

    response = ask(*fields)

    assert time.process_time() - started < 5
    assert {match.canonical for match in response.matches} == {"gender"}
    assert len(response.matches) == MAX_FIELDS
    assert len(response.model_dump_json()) < 1000 * 2 * MAX_FIELDS


@pytest.mark.parametrize("has_ranker", [True, False])
def test_contradictory_keys_are_read_as_far_as_they_go(has_ranker: bool) -> None:
    odd: list[dict[str, object]] = [
        {"type": "text", "group": "Gender", "label": "First name", "section": "x" * 10_000, "entry": -1, "multiple": True},
        {**RADIO, "name": "x", "group": "Gender"},
        {**RADIO, "name": "x", "group": "Gender", "label": ""},
        {**BOX, "options": ["a", "a", "a"], "group": "x" * 10_000},
        {"type": "hidden", "visible": True, "group": "Gender"},
        {"visible": False},
    ]

    decisions = decide(*odd, version=a_version(has_ranker))

    assert [decisions[0].predicted, decisions[0].decision] == ["given-name", "accepted"]
    assert [made.decision for made in decisions[-2:]] == ["ignored", "ignored"]
