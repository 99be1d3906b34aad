"""Labels of training forms in other words."""

import numpy as np

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.ngrams import bags
from fieldwise_training.ranker.synonyms import Synonyms, synonyms_of

LEXICON = Lexicon(
    exact={"first name": "given-name", "jmeno": "given-name", "prenom": "given-name", "phone": "tel", "unheard of": "unknown-id"}
)
NUMBERS = {"email": 1, "given-name": 2, "tel": 3}


def texts_of(synonyms: Synonyms, drawn: np.ndarray) -> list[str]:
    """The lexicon's keys, by their n-grams."""
    known = {tuple(bags([text]).buckets): text for text in LEXICON.exact}
    firsts = np.cumsum(synonyms.texts.counts) - synonyms.texts.counts
    return [known[tuple(synonyms.texts.buckets[firsts[n] : firsts[n] + synonyms.texts.counts[n]])] for n in drawn]


def test_a_label_gets_every_text_of_its_id_and_no_other() -> None:
    synonyms = synonyms_of(LEXICON, NUMBERS)

    drawn = synonyms.drawn(np.full(200, NUMBERS["given-name"]), np.random.default_rng(0))

    assert set(texts_of(synonyms, drawn)) == {"first name", "jmeno", "prenom"}
    assert set(texts_of(synonyms, synonyms.drawn(np.full(20, NUMBERS["tel"]), np.random.default_rng(0)))) == {"phone"}


def test_an_unknown_label_and_an_id_without_texts_get_none() -> None:
    synonyms = synonyms_of(LEXICON, NUMBERS)

    assert synonyms.drawn(np.array([0, NUMBERS["email"]]), np.random.default_rng(0)).tolist() == [-1, -1]


def test_an_empty_lexicon_has_no_synonyms() -> None:
    assert synonyms_of(Lexicon(), NUMBERS).drawn(np.array([0, 1, 2, 3]), np.random.default_rng(0)).tolist() == [-1] * 4
