import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_inference.classify.ranker.ngrams import BUCKETS, MAX_CHARACTERS, MAX_NGRAM, bags

TEXTS = st.lists(st.text(alphabet="ab 名字é", max_size=12).map(str.strip), max_size=6)


def of_each(texts: list[str]) -> list[list[int]]:
    found = bags(texts)
    return [part.tolist() for part in np.split(found.buckets, np.cumsum(found.counts)[:-1])] if texts else []


def test_known_texts_have_known_buckets() -> None:
    """The weights of published versions were trained on these buckets, so they must not change."""
    expected = [55974, 1191, 18057, 54908, 15470, 14216, 5285, 63627, 9020, 27573, 30846, 15896, 61514, 20063, 50106, 14536]

    assert of_each(["zip", ""]) == [expected, []]


@given(TEXTS)
def test_the_bag_of_a_text_does_not_depend_on_the_other_texts(texts: list[str]) -> None:
    together = of_each(texts)

    assert together == [of_each([text])[0] for text in texts]


@given(TEXTS)
def test_every_n_gram_of_every_length_and_every_word_is_counted(texts: list[str]) -> None:
    for text, found in zip(texts, of_each(texts), strict=True):
        framed = len(text) + 2
        grams = sum(max(0, framed - n + 1) for n in range(1, MAX_NGRAM + 1))
        assert len(found) == (grams + len(text.split(" ")) - text.split(" ").count("") if text else 0)
        assert all(0 <= bucket < BUCKETS for bucket in found)


def test_characters_beyond_the_limit_are_not_read() -> None:
    assert of_each(["x" * MAX_CHARACTERS + "tail"]) == of_each(["x" * MAX_CHARACTERS])


def test_texts_are_taken_in_any_order_and_more_than_once() -> None:
    taken = bags(["", "email", "zip"]).take(np.array([1, 2, 1, 0]))

    expected = bags(["email", "zip", "email", ""])
    assert taken.buckets.tolist() == expected.buckets.tolist()
    assert taken.counts.tolist() == expected.counts.tolist()
