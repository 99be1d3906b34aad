"""Authored forms as arrays, exactly as inference would see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.decide import near_meanings, wants_nearness
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.evidence import Evidence, gather
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_inference.classify.semantic import Encoder, Index
from fieldwise_training.corpus import Form


@dataclass(frozen=True, slots=True)
class Example:
    """One form: the evidence of its n fields, and int (n,) the number of each field's true class."""

    evidence: Evidence
    truth: Integers


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The meanings by number. `classes`: what can be answered; `ids`: what lexicon and index may name."""

    classes: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def numbers(self) -> Mapping[str, int]:
        """Each of `ids` by its number in the evidence, from 1."""
        return {canonical: i + 1 for i, canonical in enumerate(self.ids)}


def vocabulary(canonical_ids: Sequence[str]) -> Vocabulary:
    """All canonical ids, sorted; negatives are answered as `none`."""
    ids = tuple(sorted(set(canonical_ids)))
    return Vocabulary(classes=(NOTHING, *(c for c in ids if not is_negative(c))), ids=ids)


def example(form: Form, words: Vocabulary, lexicon: Lexicon, encoder: Encoder, index: Index) -> Example:
    """One form as the ranker sees it, through the same steps as in production."""
    views = [FieldView(field, position) for position, field in enumerate(form.request().fields)]
    near = near_meanings(encoder, index, views, [wants_nearness(view, lexicon) for view in views])
    position = {name: i for i, name in enumerate(words.classes)}
    truth = [position[NOTHING if is_negative(f.truth) else f.truth] for f in form.fields]
    return Example(gather(views, near, lexicon, words.numbers), np.array(truth, np.int64))
