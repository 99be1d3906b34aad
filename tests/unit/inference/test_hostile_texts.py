"""Texts that are hard to read or made to harm: every field gets a decision, after a number of steps that their length bounds.

The version is the tiny one with its real tokenizer, graph and index. Lone surrogates, NUL and longer texts never arrive: `wire_types`.
"""

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.tiny_version import write_encoder, write_version

from fieldwise_common.wire import MlClassifyRequest, MlClassifyResponse, Option
from fieldwise_common.wire_types import MAX_TEXT
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.fill.choices.meaning import nearest
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_inference.serving.version import load_version

STEPS_OF_A_FORM, STEPS_OF_A_FIELD, STEPS_OF_A_CHARACTER = 2_000, 800, 5
"""Calls that a decision may take: for a form, for each field, and for each character of its texts."""
MARKS = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u00ad\ufeff\ufe0f\u0301\u0323\u20e3"
"""Invisible marks, those of direction, variation selectors and combining accents."""
PIECES = (
    *("First name", "Email", "email", "Search", "required", "obligatoire", "*", "(required)", "(", "[", ")", ":", " ", "v-if", "+40", "{{"),
    *(
        "Имя",
        "Еmаil",
        "الاسم",
        "שם",
        "姓名",
        "お名前",
        "이름",
        "ชื่อ",
        "አድራሻ",
        "ផ្ទះ",
        "Ｅｍａｉｌ",
        "𝗘𝗺𝗮𝗶𝗹",
        "İ",
        "ß",
        "ﷺ",
        "ﬃ",
        "①",
        "👩‍👩‍👧‍👦",
        "🇧🇷",
    ),
    *("firstName", "ctl00$Main$txt", "a.b[c]", "_", "-", "0f3a", ":r1:", "\u0000", "\ud800", "\t", "\u2028"),
)
texts = st.one_of(
    st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(MARKS)), max_size=40).map("".join),
    st.text(st.characters(codec=None), max_size=80),
    st.builds(lambda piece, times: piece * times, st.sampled_from((*PIECES, *MARKS)), st.sampled_from((1, 60, MAX_TEXT))),
)
TYPES = ("text", "email", "select-one", "radio", "checkbox", "password", "textarea")
KEYS = (
    "label",
    "name",
    "id",
    "placeholder",
    "nearby",
    "section",
    "group",
    "form",
    "described_by",
    "title",
    "aria_label",
    "autocomplete",
    "lang",
)
fields = st.dictionaries(st.sampled_from(KEYS), texts, max_size=6)
forms = st.lists(st.builds(lambda own, kind: {**own, "type": kind}, fields, st.sampled_from(TYPES)), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> LoadedVersion:
    """The version, after a first decision has read what all decisions need."""
    loaded = load_version("embeddings_v20260101T000000Z-000000", write_version(tmp_path_factory.mktemp("version")))
    classify(loaded, request_of([{**dict.fromkeys(KEYS, "x"), "type": kind} for kind in TYPES]))
    return loaded


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


def request_of(form: Sequence[dict[str, str]]) -> MlClassifyRequest:
    return MlClassifyRequest.model_validate({"fields": [{"selector": f"#f{number}", **field} for number, field in enumerate(form)]})


def steps(of: Callable[[], MlClassifyResponse]) -> tuple[MlClassifyResponse, int]:
    """What a call returns, and how many calls it makes, those of C functions and of generators included."""
    count = 0

    def called(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        response = of()
    finally:
        sys.setprofile(before)
    return response, count


@given(form=forms)
@settings(deadline=None, max_examples=120)
def test_every_field_gets_a_decision_after_steps_that_its_length_bounds(form: list[dict[str, str]], version: LoadedVersion) -> None:
    request = request_of(form)
    characters = sum(len(str(value)) for field in request.fields for value in field.model_dump().values())

    response, count = steps(lambda: classify(version, request))

    assert [decision.selector for decision in response.decisions] == [f"#f{number}" for number in range(len(form))]
    assert all(0 <= decision.score <= 1 for decision in response.decisions)
    assert count <= STEPS_OF_A_FORM + STEPS_OF_A_FIELD * len(form) + STEPS_OF_A_CHARACTER * characters


@given(mark=st.sampled_from(MARKS[:18]), place=st.integers(0, len("First name")), times=st.integers(1, 200))
@settings(deadline=None, max_examples=60)
def test_invisible_marks_change_no_decision(mark: str, place: int, times: int, version: LoadedVersion) -> None:
    marked = "First name"[:place] + mark * times + "First name"[place:]

    plain, hidden = (classify(version, request_of([{"label": label}])).decisions[0] for label in ("First name", marked))

    assert (hidden.decision, hidden.predicted, hidden.score) == (plain.decision, plain.predicted, plain.score)


def test_a_text_that_the_encoder_can_not_read_is_near_nothing(version: LoadedVersion, encoder: OnnxEncoder) -> None:
    unread, other, partly = encoder.embed(["Հասցե", "ស្រុក", "Հասցե email"])

    assert not unread.any()
    assert not other.any()
    assert float(partly @ partly) == pytest.approx(1, abs=1e-5)
    [decision] = classify(version, request_of([{"label": "Հասցե"}])).decisions
    assert not [signal for signal in decision.confidence_signals if signal.startswith("near:")]


def test_no_option_is_chosen_because_the_encoder_can_read_neither_it_nor_the_value(encoder: OnnxEncoder) -> None:
    options = [Option(value=str(number), text=text) for number, text in enumerate(("Շիրակ", "email"))]

    assert nearest("Երևան", options, encoder) is None


def test_a_form_of_the_longest_hostile_texts_is_decided(version: LoadedVersion) -> None:
    longest = [{"label": piece * MAX_TEXT, "name": piece * MAX_TEXT, "placeholder": piece * MAX_TEXT} for piece in (*PIECES, *MARKS)]

    response = classify(version, request_of(longest))

    assert len(response.decisions) == len(longest)
    assert all(len(field.label) <= MAX_TEXT for field in request_of(longest).fields)
