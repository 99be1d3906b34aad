"""A form as the ranker sees it: one row per field, every view of the field kept apart, nothing interpreted yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ranker.ngrams import Bags, Integers, bags
from fieldwise_inference.classify.semantic import Neighbour
from fieldwise_inference.classify.text import name_words, normalise

VIEWS = ("label", "placeholder", "name", "id", "options")
"""The views whose texts are read as n-grams, in the order of the arrays."""

LEXICAL_VIEWS = ("label", "placeholder", "name", "id")
"""The views looked up in the lexicon."""

NEAREST = 2
"""Meanings nearest to the label that are shown to the ranker."""

TYPES = (
    *("", "text", "email", "tel", "password", "number", "date", "month", "url", "textarea"),
    *("select", "radio", "checkbox", "other"),
)
LONGEST_MAXLENGTH = 20
MOST_OPTIONS = 15
OPTIONS_READ = 12
NEAR_FROM = 0.4
"""Cosine at which nearness begins to count: all-MiniLM gives unrelated labels up to about this."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Arrays over the n fields of a form.

    bags: per view, the n texts' n-grams. lexical: int (n, len(LEXICAL_VIEWS)), 1 + the number of the id the lexicon gives,
    0 for none. near: int (n, NEAREST), likewise, of the meanings nearest to the label; nearness: float32 (n, NEAREST), their
    cosine above `NEAR_FROM`. shape: int (n, 3), the numbers of type, maxlength class and option-count class (0: unknown).
    """

    bags: tuple[Bags, ...]
    lexical: Integers
    near: Integers
    nearness: Floats
    shape: Integers

    def __len__(self) -> int:
        return len(self.lexical)


def _texts(view: FieldView) -> tuple[str, ...]:
    options = " ".join(normalise(option.text or option.value) for option in view.field.options[:OPTIONS_READ])
    names = (" ".join(name_words(view.field.name)), " ".join(name_words(view.field.id)))
    return view.label, view.placeholder, *names, options


def _looked_up(view: FieldView, lexicon: Lexicon, numbers: Mapping[str, int]) -> list[int]:
    keys = ((view.label,), (view.placeholder,), view.name_keys, view.id_keys)
    found = (next((c for key in tried if (c := lexicon.lookup(key)) is not None), None) for tried in keys)
    return [numbers.get(canonical, 0) if canonical is not None else 0 for canonical in found]


def _shape(view: FieldView) -> tuple[int, int, int]:
    kind = TYPES.index(view.type) if view.type in TYPES else TYPES.index("other")
    return kind, min(view.field.maxlength or 0, LONGEST_MAXLENGTH + 1), min(len(view.field.options), MOST_OPTIONS)


def gather(views: Sequence[FieldView], neighbours: Sequence[Sequence[Neighbour]], lexicon: Lexicon, numbers: Mapping[str, int]) -> Evidence:
    """The evidence of a form. `neighbours`: per field, the best synonym of each meaning near its label, nearest first.

    `numbers`: each canonical id's number, from 1, in the order the ranker was trained with; other ids count as unknown.
    """
    texts = list(zip(*(_texts(view) for view in views), strict=True))
    near = np.zeros((len(views), NEAREST), np.int64)
    nearness = np.zeros((len(views), NEAREST), np.float32)
    for row, found in enumerate(neighbours):
        for column, neighbour in enumerate(found[:NEAREST]):
            near[row, column] = numbers.get(neighbour.canonical, 0)
            nearness[row, column] = max(0.0, neighbour.score - NEAR_FROM)
    return Evidence(
        bags=tuple(bags(column) for column in texts),
        lexical=np.array([_looked_up(view, lexicon, numbers) for view in views], np.int64),
        near=near,
        nearness=nearness,
        shape=np.array([_shape(view) for view in views], np.int64),
    )
