"""A form as the ranker sees it: one row per field, every view of the field kept apart, nothing interpreted yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from fieldwise_common.wire import SELECT_ROLES
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.features import FEATURES, LEXICAL_COLUMNS
from fieldwise_inference.classify.ranker.ngrams import Bags, Integers, bags
from fieldwise_inference.classify.text import normalise

VIEWS = ("label", "placeholder", "name", "id", "options")
"""The views whose texts are read as n-grams, in the order of the arrays."""

NEAREST = 2
"""Meanings nearest to the label that are shown to the ranker."""

TYPES = (
    *("", "text", "email", "tel", "password", "number", "date", "month", "url", "textarea"),
    *("select", "radio", "checkbox", "other"),
)
PART_WORDS = frozenset(
    "a b c d e f m y mm dd yy yyyy day month year mo yr area prefix suffix exchange line part first last mid middle sei mei"
    " jour mois annee tag monat jahr dia mes ano".split()
)
"""Last words of names by which the boxes of one question differ (`dob_mm`, `dob_dd`; `phone_area`, `phone_prefix`)."""

LONGEST_MAXLENGTH = 20
MOST_OPTIONS = 15
OPTIONS_READ = 12
LONGEST_RUN = 4
RUN_PLACES = 1 + (LONGEST_RUN - 1) * LONGEST_RUN
"""Places in a run: 0 for a field that stands alone, else by the run's length and the place in it."""
NEAR_FROM = 0.4
"""Cosine at which nearness begins to count: all-MiniLM gives unrelated labels up to about this."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The meanings near one field's text.

    near: by the index, the nearest synonym of each meaning, nearest first. fuzzy: by the lexicon, the id of the key that
    differs from the text in a few letters.
    """

    near: Sequence[Neighbour] = ()
    fuzzy: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Arrays over the n fields of a form.

    bags: per view, the n texts' n-grams. lexical: int (n, columns), per column (`LEXICAL_COLUMNS`) the number of the id that
    the lexicon gives, from 1; 0 for none. near: int (n, NEAREST), likewise, of the meanings nearest to the field's text;
    nearness: float32 (n, NEAREST), their cosine above `NEAR_FROM`. shape: int (n, 5), the numbers of type, maxlength class and
    option-count class (0: unknown), and the places in a run of neighbours with the same label, and with names that differ in
    digits or their last word alone.
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
    return view.label, view.placeholder, " ".join(view.name_words), " ".join(view.id_words), options


def _looked_up(view: FieldView, found: Candidates, lexicon: Lexicon) -> tuple[str | None, ...]:
    """The id of each of the newest `LEXICAL_COLUMNS`."""
    keys = ((view.label,), (view.placeholder,), view.name_keys, view.id_keys)
    exact = (next((c for key in tried if (c := lexicon.lookup(key)) is not None), None) for tried in keys)
    return (*exact, found.fuzzy)


def _shape(view: FieldView, features: int) -> tuple[int, int, int]:
    is_other = view.kind not in TYPES or (features == 1 and view.field.type.lower() in SELECT_ROLES)
    return (
        TYPES.index("other" if is_other else view.kind),
        min(view.field.maxlength or 0, LONGEST_MAXLENGTH + 1),
        min(len(view.field.options), MOST_OPTIONS),
    )


def _places(keys: Sequence[str]) -> list[int]:
    """Each field's place among neighbours with the same key; an empty key stands alone."""
    places: list[int] = []
    for key, run in groupby(keys):
        length = len(list(run))
        if length == 1 or not key:
            places += [0] * length
        else:
            kind = (min(length, LONGEST_RUN) - 2) * LONGEST_RUN
            places += [1 + kind + min(place, LONGEST_RUN - 1) for place in range(length)]
    return places


def _stem(view: FieldView) -> str:
    words = [word for word in view.name_words if not word.isdigit()]
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in PART_WORDS else words)


def gather(
    views: Sequence[FieldView], found: Sequence[Candidates], lexicon: Lexicon, numbers: Mapping[str, int], features: int = FEATURES
) -> Evidence:
    """The evidence of a form, as a ranker trained on `features` reads it. `found`: each field's candidates.

    `numbers`: each canonical id's number, from 1, in the order the ranker was trained with; other ids count as unknown.
    """
    columns = len(LEXICAL_COLUMNS[features])
    texts = [text for column in zip(*map(_texts, views), strict=True) for text in column]
    near = np.zeros((len(views), NEAREST), np.int64)
    nearness = np.zeros((len(views), NEAREST), np.float32)
    for row, of_field in enumerate(found):
        for column, neighbour in enumerate(of_field.near[:NEAREST]):
            near[row, column] = numbers.get(neighbour.canonical, 0)
            nearness[row, column] = max(0.0, neighbour.score - NEAR_FROM)
    looked_up = [_looked_up(view, of_field, lexicon) for view, of_field in zip(views, found, strict=True)]
    return Evidence(
        bags=bags(texts).split(len(VIEWS)),
        lexical=np.array([[numbers.get(c or "", 0) for c in row[:columns]] for row in looked_up], np.int64).reshape(-1, columns),
        near=near,
        nearness=nearness,
        shape=np.column_stack(
            [
                np.array([_shape(view, features) for view in views], np.int64),
                _places([view.label for view in views]),
                _places([_stem(view) for view in views]),
            ]
        ),
    )
