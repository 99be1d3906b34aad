import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from fieldwise_inference.classify.fuzzy import MIN_LENGTH
from fieldwise_inference.classify.lexicon import Lexicon

WORDS = st.text("abc éа京A", min_size=MIN_LENGTH, max_size=40)


@given(WORDS, st.lists(WORDS, min_size=1, max_size=30), st.floats(0, 1))
def test_the_nearest_key_is_the_most_similar_of_all(text: str, keys: list[str], cutoff: float) -> None:
    found = Lexicon(exact=dict.fromkeys(keys, "email")).nearest(text, cutoff)

    most_similar = max(fuzz.ratio(text, key) / 100 for key in keys)
    assert (found[2] if found else None) == (most_similar if most_similar >= cutoff else None)


def test_a_similarity_of_exactly_the_cut_off_counts() -> None:
    text, key = "x" * 27, "x" * 23

    assert Lexicon(exact={key: "email"}).nearest(text, 0.92) == ("email", key, pytest.approx(0.92))


@pytest.mark.parametrize("text", ["mail", "", "e-mail address"])
def test_short_texts_and_unlike_ones_have_no_fuzzy_match(text: str) -> None:
    assert Lexicon(exact={"mails": "email", "telephone": "tel"}).nearest(text, 0.8) is None


def test_of_equally_similar_keys_the_first_is_found() -> None:
    keys = {"phone number 2": "tel-national", "phone number 3": "tel-extension"}

    found = Lexicon(exact=keys).nearest("phone number 4", 0.8)

    assert found is not None and found[:2] == ("tel-national", "phone number 2")
