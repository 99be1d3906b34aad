"""The rows of a fine-tuning: a text, the nearest synonym of its id, and the nearest one of another id, both by the base model.

Inference asks for the nearest synonym only. Two texts of one id that are far apart (of different languages, say) need not come closer:
trained on pairs drawn at random, the model gets worse (docs/decisions/0011).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.text import normalise
from fieldwise_training.encoder.pairs import TuningData

HARD_MARGIN = 0.1
"""Texts whose right synonym exceeds the nearest wrong one by more than this in cosine have nothing to teach."""
CHUNK = 512
"""Texts compared with all synonyms at once: the cosines of 512 texts to 17,000 synonyms take 35 MB."""

Vectors = Mapping[str, NDArray[np.float32]]
"""The unit vector of each text: float32 (d,)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text, one of the same id, and one of another."""

    anchor: str
    positive: str
    negative: str
    ids: frozenset[str]
    """The ids of anchor and negative, without an unknown one. No two rows of a batch share one: their texts are each other's negatives."""


@dataclass(frozen=True, slots=True)
class TuningRows:
    """The rows by what their anchors are."""

    rejected: tuple[Row, ...]
    fields: tuple[Row, ...]
    synonyms: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.rejected) + len(self.fields) + len(self.synonyms)


def mine(data: TuningData, vectors: Vectors) -> TuningRows:
    """All rows with something to teach. `vectors`: the base model's, of every text in `data`."""
    synonyms = [(canonical, text) for canonical, own in data.synonyms.items() for text in own]
    texts = [(canonical, text) for canonical, own in data.texts.items() for text in own]
    return TuningRows(tuple(_rejected(data, vectors)), tuple(_hard(texts, synonyms, vectors)), tuple(_hard(synonyms, synonyms, vectors)))


def _hard(anchors: Sequence[tuple[str, str]], synonyms: Sequence[tuple[str, str]], vectors: Vectors) -> Iterator[Row]:
    number = {canonical: n for n, canonical in enumerate(dict.fromkeys(canonical for canonical, _ in synonyms))}
    owner = np.array([number[canonical] for canonical, _ in synonyms])
    place = {text: n for n, (_, text) in enumerate(synonyms)}
    matrix = np.stack([vectors[text] for _, text in synonyms])
    for start in range(0, len(anchors), CHUNK):
        chunk = anchors[start : start + CHUNK]
        cosines = np.stack([vectors[text] for _, text in chunk]) @ matrix.T
        for (canonical, text), row in zip(chunk, cosines, strict=True):
            if text in place:
                row[place[text]] = -np.inf  # itself
            is_own = owner == number[canonical]
            right, wrong = np.where(is_own, row, -np.inf), np.where(is_own, -np.inf, row)
            positive, negative = int(right.argmax()), int(wrong.argmax())
            if np.isfinite(right[positive]) and np.isfinite(wrong[negative]) and right[positive] - wrong[negative] < HARD_MARGIN:
                yield Row(text, synonyms[positive][1], synonyms[negative][1], frozenset({canonical, synonyms[negative][0]}))


def _rejected(data: TuningData, vectors: Vectors) -> Iterator[Row]:
    """A rejected text is the anchor if its id is known, else the negative of the rejected id's synonyms that are nearest to it."""
    right = {normalise(text): canonical for own in (data.texts, data.synonyms) for canonical, texts in own.items() for text in texts}
    for text, canonical in data.rejected:
        known = right.get(normalise(text))
        wrong = _nearest(text, data.synonyms[canonical], vectors)
        if known is None and len(wrong) > 1:
            yield Row(wrong[0], _nearest(wrong[0], wrong, vectors)[1], text, frozenset({canonical}))
        elif known is not None:
            meant = [synonym for synonym in data.synonyms[known] if synonym != text]
            if meant:
                yield Row(text, _nearest(text, meant, vectors)[0], wrong[0], frozenset({known, canonical}))


def _nearest(text: str, others: Sequence[str], vectors: Vectors) -> list[str]:
    """The other texts, the nearest first; of equal ones in their order."""
    cosines = np.stack([vectors[other] for other in others]) @ vectors[text]
    return [others[n] for n in np.argsort(-cosines, kind="stable")]


def batches(rows: TuningRows, size: int, most: int, rng: np.random.Generator) -> list[list[Row]]:
    """At most `most` batches of at most `size` rows that share no id. Rejected texts come first, then fields and synonyms in turn."""
    rejected, fields, synonyms = ([own[n] for n in rng.permutation(len(own))] for own in (rows.rejected, rows.fields, rows.synonyms))
    made: list[list[Row]] = [[] for _ in range(most)]
    used: list[set[str]] = [set() for _ in range(most)]
    full = 0
    for row in chain(rejected, chain.from_iterable(zip_longest(fields, synonyms))):
        if full == most:
            break
        fitting = (n for n in range(most) if row is not None and len(made[n]) < size and not row.ids & used[n])
        if row is not None and (n := next(fitting, None)) is not None:
            made[n].append(row)
            used[n] |= row.ids
            full += len(made[n]) == size
    return [batch for batch in made if batch]
