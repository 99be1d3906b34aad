import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_backend.profile.parsing import document_of, merge_patch, parse_profile
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.errors import InvalidRequest, RequestTooLarge

EXAMPLE = Path(__file__).parents[3] / "examples" / "profile-full.json"
CANARY = "tell-nobody"


def fault_of(document: object) -> tuple[str, str]:
    with pytest.raises(InvalidRequest) as refused:
        parse_profile(document)
    assert CANARY not in str(refused.value) + str(refused.value.faults)
    return refused.value.faults[0].pointer, refused.value.faults[0].detail


def test_the_example_profile_is_valid_and_survives_storing() -> None:
    profile = parse_profile(json.loads(EXAMPLE.read_text(encoding="utf-8")))

    assert parse_profile(json.loads(document_of(profile))) == profile


def test_unset_keys_are_not_stored() -> None:
    assert document_of(parse_profile({"name": {"given": "Ada", "family": None}, "links": {}})) == '{"name":{"given":"Ada"}}'


@pytest.mark.parametrize("key", ["card", "password", "credit-card", "card_number", "cvv", "PIN"])
def test_a_secret_is_refused_with_the_reason(key: str) -> None:
    pointer, detail = fault_of({key: CANARY})

    assert pointer == f"/{key}"
    assert "must not contain cards" in detail


def test_an_unknown_key_is_refused_and_the_known_ones_are_named() -> None:
    assert fault_of({"name": {"first": CANARY}}) == (
        "/name/first",
        "unknown key; allowed here: prefix, given, additional, family, suffix, full, nickname, second_family, kana, romanised",
    )


def test_an_unknown_key_in_a_list_is_refused_with_its_position() -> None:
    pointer, detail = fault_of({"work_history": [{}, {"boss": CANARY}]})

    assert pointer == "/work_history/1/boss"
    assert "organization, title" in detail


def test_a_pointer_is_escaped_as_in_rfc_6901_and_long_keys_are_cut() -> None:
    assert fault_of({"a/b~c" + "x" * 100: 1})[0] == "/a~1b~0c" + "x" * 59


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"contact": {"email": CANARY}}, "/contact/email"),
        ({"birthday": CANARY}, "/birthday"),
        ({"birthday": 0}, "/birthday"),
        ({"birthday": "1991-02-30"}, "/birthday"),
        ({"work_history": [{"start_date": CANARY}]}, "/work_history/0/start_date"),
        ({"work_history": [{"start_date": "2020-13"}]}, "/work_history/0/start_date"),
        ({"work_history": {"organization": CANARY}}, "/work_history"),
        ({"name": CANARY}, "/name"),
        ({"username": CANARY * 100}, "/username"),
        ({"username": True}, "/username"),
        ({"username": float("nan")}, "/username"),
        ({"username": [CANARY]}, "/username"),
        ({"address": {"street": [CANARY] * 6}}, "/address/street"),
        ({"job_preferences": {"remote": [CANARY]}}, "/job_preferences/remote"),
        ({"work_history": [{"is_current": CANARY}]}, "/work_history/0/is_current"),
        ({"name": {"kana": CANARY}}, "/name/kana"),
        ({"name": {"romanised": {"middle": CANARY}}}, "/name/romanised/middle"),
        ({"projects": {"name": CANARY}}, "/projects"),
        ({"projects": [{"url": [CANARY]}]}, "/projects/0/url"),
        ({"projects": [{}] * 51}, "/projects"),
        ({"bio": CANARY * 1000}, "/bio"),
    ],
)
def test_an_invalid_value_is_refused_by_its_key_and_not_repeated(document: dict[str, Any], pointer: str) -> None:
    assert fault_of(document)[0] == pointer


@pytest.mark.parametrize("document", [None, [], "text", 1, b"bytes"])
def test_a_document_must_be_an_object(document: object) -> None:
    assert fault_of(document)[0] == ""


def test_odd_characters_and_numbers_are_read_as_text() -> None:
    profile = parse_profile({"username": "a\x00d\ud800a", "address": {"postal_code": 2128}, "name": {"full": " Ada \n Lovelace "}})

    assert (profile.username, profile.address.postal_code, profile.name.full) == ("ad?a", "2128", "Ada Lovelace")


def test_a_profile_over_the_tables_limit_is_refused() -> None:
    entry = {"description": "x" * 9_000}

    with pytest.raises(RequestTooLarge, match="300,000"):
        parse_profile({"work_history": [entry] * 40})


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_follows_the_rfcs_examples(target: object, patch: object, merged: object) -> None:
    assert merge_patch(target, patch) == merged


def test_a_deeply_nested_patch_is_refused() -> None:
    patch: dict[str, Any] = {}
    for _ in range(500):
        patch = {"name": patch}

    with pytest.raises(InvalidRequest, match="16 levels"):
        merge_patch({}, patch)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Profile.model_fields, "given", "tel"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(document=JSON)
def test_any_json_is_a_profile_or_is_refused(document: object) -> None:
    try:
        profile = parse_profile(document)
    except InvalidRequest as refused:
        assert refused.faults
    else:
        assert parse_profile(json.loads(document_of(profile))) == profile
