"""The same field, the same answer: its texts seen for the first time or again, alone or beside any others."""

import sys
from collections.abc import Sequence

import numpy as np
import pytest
from tests.support.deciding import SYNONYMS, a_version

from fieldwise_common.wire import FieldDescriptor, FieldSlice, Match, MlClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker import model
from fieldwise_inference.classify.ranker.model import TextSums
from fieldwise_inference.classify.ranker.ngrams import BUCKETS

FORM = (
    {"label": "First name *", "name": "ctl00$Main$txtFirstName", "section": "You", "lang": "en-GB", "autocomplete": "section-a given-name"},
    {"label": "Emial adress", "name": "mail", "placeholder": "you@example.com", "section": "You"},
    {"label": "電話番号【必須】", "name": "tel1", "type": "tel", "maxlength": 4},
    {"label": "Prénom (facultatif)", "id": "input-1234", "nearby": "Last name", "described_by": "As in your passport"},
    {"label": "Month", "type": "select-one", "options": ["January", "February", "March"], "autocomplete": "off"},
    {"label": "Yes", "name": "auth", "type": "radio", "group": "Are you authorized to work"},
    {"label": "No", "name": "auth", "type": "radio", "group": "Are you authorized to work"},
    {"label": "Password", "type": "password", "name": "pw"},
    {"name": "token", "type": "hidden"},
    {},
)
TEXTS = ("", "first name", "e mail", "電話番号", "x" * 200)


def form(fields: Sequence[dict[str, object]] = FORM) -> MlClassifyRequest:
    return MlClassifyRequest.model_validate({"fields": [{"selector": f"#f{number}", **field} for number, field in enumerate(fields)]})


def answer(version: LoadedVersion, request: MlClassifyRequest) -> str:
    response = classify(version, request)
    return response.model_dump_json().replace(response.request_id, "")


def forget_texts() -> None:
    """Empties every bounded cache, as in a new process. Tables that are read once stay."""
    modules = [module for name, module in sys.modules.items() if name.startswith("fieldwise_")]
    caches = [one for module in modules for one in vars(module).values() if hasattr(one, "cache_info")]
    for cache in caches:
        if cache.cache_info().maxsize is not None:
            cache.cache_clear()


@pytest.mark.parametrize("has_ranker", [True, False])
def test_texts_seen_before_are_answered_as_the_first_time(has_ranker: bool) -> None:
    forget_texts()
    version = a_version(has_ranker)
    first = answer(version, form())

    again = answer(version, form())

    assert again == first


def test_what_was_read_in_other_forms_changes_no_answer() -> None:
    version = a_version()
    for fields in ((*FORM[::-1],), FORM[3:], FORM[:2]):
        answer(version, form(fields))
    warm = answer(version, form())

    forget_texts()

    assert answer(a_version(), form()) == warm


def sums() -> TextSums:
    return TextSums(np.random.default_rng(1).standard_normal((BUCKETS, 6), np.float32))


@pytest.mark.parametrize("text", TEXTS)
def test_a_texts_sum_is_the_same_alone_and_among_others_and_from_the_cache(text: str) -> None:
    [alone] = sums().of([text])
    warm = sums()
    among = warm.of(TEXTS)

    assert np.array_equal(among[TEXTS.index(text)], alone)
    assert np.array_equal(warm.of([text, text]), [alone, alone])


def test_sums_of_more_texts_than_are_kept_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "CACHE_SIZE", 3)
    small = sums()

    for texts in (TEXTS[:2], TEXTS[1:4], TEXTS[::-1], TEXTS[:2]):
        assert np.array_equal(small.of(texts), sums().of(texts))


def test_a_match_is_as_valid_as_if_it_had_been_parsed() -> None:
    """Its values come from a parsed field, so they are not validated once more."""
    response = classify(a_version(), form([{"label": label, "name": "n", "options": ["a", "b"]} for label in SYNONYMS]))

    assert response.matches
    for match in response.matches:
        parsed = Match.model_validate(match.model_dump())
        assert match == parsed
        assert match.model_dump_json() == parsed.model_dump_json()


def test_the_slice_of_a_field_is_as_valid_as_if_it_had_been_parsed() -> None:
    for number, keys in enumerate(FORM):
        field = FieldDescriptor.model_validate({"selector": f"#f{number}", **keys})

        parsed = FieldSlice.model_validate({name: getattr(field, name) for name in FieldSlice.model_fields})

        assert field.slice() == parsed
        assert field.slice().model_dump_json() == parsed.model_dump_json()
