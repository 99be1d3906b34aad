"""Other words for the labels of training forms: data augmentation by the lexicon.

The authored forms of a language have only a few of the words that its sites have for a name or a street. So labels that the lexicon
knows are replaced, now and then, by other texts with the same meaning, in any language: the n-grams of all synonyms are learnt amid the
fields of a form.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.ngrams import Bags, Integers, bags


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The texts of all ids, one id after the other. texts: their n-grams. first, count: int64 (ids + 1,), by the number of an id."""

    texts: Bags
    first: Integers
    count: Integers

    def drawn(self, ids: Integers, rng: np.random.Generator) -> Integers:
        """int64 (n,): the number of a text for each id, drawn at random; -1 for an id without any, and for 0."""
        chosen = self.first[ids] + np.floor(rng.random(len(ids)) * self.count[ids]).astype(np.int64)
        return np.where(self.count[ids] > 0, chosen, -1)


def synonyms_of(lexicon: Lexicon, numbers: Mapping[str, int]) -> Synonyms:
    """The texts that the lexicon knows exactly. `numbers`: of the ids, from 1."""
    texts: dict[int, list[str]] = {}
    for text, canonical in sorted(lexicon.exact.items()):
        if canonical in numbers:
            texts.setdefault(numbers[canonical], []).append(text)
    count = np.array([len(texts.get(number, ())) for number in range(len(numbers) + 1)], np.int64)
    ordered = [text for number in range(len(numbers) + 1) for text in texts.get(number, ())]
    return Synonyms(bags(ordered), np.cumsum(count) - count, count)
