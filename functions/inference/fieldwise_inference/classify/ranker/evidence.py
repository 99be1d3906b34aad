"""The ranker's input features: arrays with one row per field of a form, each of a field's texts kept separate."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.autocomplete import token
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import FormPlace, form_place
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.option_kinds import KINDS, option_kind
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.features import FEATURES, LAYOUTS
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_inference.classify.text import normalise

NEAREST = 2
"""How many of the canonical ids nearest to a field's text are features."""

TYPES = (
    *("", "text", "email", "tel", "password", "number", "date", "month", "url", "textarea"),
    *("select", "radio", "checkbox", "other"),
)
PART_WORDS = frozenset(
    "a b c d e f m y mm dd yy yyyy day month year mo yr area prefix suffix exchange line part first last mid middle sei mei"
    " jour mois annee tag monat jahr dia mes ano".split()
)
"""Last words of names that tell the fields of one question apart (`dob_mm`, `dob_dd`; `phone_area`, `phone_prefix`)."""

MAX_MAXLENGTH = 20
"""Larger values of `maxlength` share one class."""
MAX_OPTIONS = 15
"""As many options, or more, share one class."""
MAX_OPTIONS_READ = 12
"""Options whose texts are read as n-grams."""
MAX_RUN = 4
"""Longer runs of similar fields count as runs of this length, and so do more fields with the same label."""
MAX_SECTION = 7
"""Fields further down in their section share one class."""
RUN_POSITIONS = 1 + (MAX_RUN - 1) * MAX_RUN
"""Number of positions in a run: 0 for a field that is in no run, else one for each run length and position within it."""
NEAR_FROM = 0.4
"""Cosine that counts as zero nearness: all-MiniLM gives unrelated labels up to about this."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidate ids of one field.

    near: from the index, the nearest synonym of each canonical id, nearest first. fuzzy: from the lexicon, the id of the key
    that differs from the text by a few characters. told: the id that people gave for the field: it is decided, and the fields
    around it are read in its light.
    """

    near: Sequence[Neighbour] = ()
    fuzzy: str | None = None
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The features of the n fields of a form.

    The columns of `views`, `lexical` and `shape` are those of its `Layout`.

    - texts: its distinct texts, in any order; the first is "". The ranker reads their n-grams (`ngrams.bags`).
    - views: int64 (n, views), each field's texts, by their number in `texts`.
    - lexical: int64 (n, columns), the number of the id that the lexicon has for each key, from 1; 0: no match.
    - near: int64 (n, NEAREST), the numbers of the ids nearest to the field's text, from 1; 0: no neighbour.
    - nearness: float32 (n, NEAREST), by how much their cosine exceeds `NEAR_FROM`, at least 0.
    - blocks: int64 (n,), the number of the run of fields whose names begin with the same word (and number) as the field's: `rcpt_first`,
      `rcpt_zip`; from 0, in page order.
    - shape: int64 (n, columns), the field's type (index in `TYPES`), maxlength class (0: unknown), option-count class, position in a
      run of fields with the same label, position in a run of fields whose names differ only in digits or in a last word of
      `PART_WORDS`, which of the fields with its label it is, its position in its section (0: it has none), what its options are
      (index in `option_kinds.KINDS`), and where its form is from (index in `form_place.PLACES`).
    """

    texts: tuple[str, ...]
    views: Integers
    lexical: Integers
    near: Integers
    nearness: Floats
    blocks: Integers
    shape: Integers

    def __len__(self) -> int:
        return len(self.lexical)


def _texts(view: FieldView) -> tuple[str, ...]:
    """The texts of the newest layout's views."""
    options = " ".join(normalise(option.text or option.value) for option in view.field.options[:MAX_OPTIONS_READ])
    names = " ".join(view.name_words), " ".join(view.id_words)
    return view.label, view.placeholder, *names, options, view.section, view.near, " ".join(view.form_words)


def _looked_up(view: FieldView, found: Candidates, lexicon: Lexicon) -> tuple[str | None, ...]:
    """The id for each of the newest layout's lexical columns."""
    label, placeholder, near = map(lexicon.lookup, (view.label, view.placeholder, view.near))
    name, id_ = map(lexicon.first, (view.name_keys, view.id_keys))
    return (found.told or label, placeholder, found.told or name, id_, found.fuzzy, token(view.field.autocomplete), near)


def _shape(view: FieldView) -> tuple[int, int, int]:
    return (
        TYPES.index(view.kind if view.kind in TYPES else "other"),
        min(view.field.maxlength or 0, MAX_MAXLENGTH + 1),
        min(len(view.field.options), MAX_OPTIONS),
    )


def _run_positions(keys: Sequence[str]) -> list[int]:
    """Each field's position in a run of consecutive fields with the same key, below `RUN_POSITIONS`; empty keys form no run."""
    positions: list[int] = []
    for key, run in groupby(keys):
        length = len(list(run))
        if length == 1 or not key:
            positions += [0] * length
        else:
            positions += [_place(position, length) for position in range(length)]
    return positions


def _place(position: int, length: int) -> int:
    """The number of a position among so many, from 1."""
    return 1 + (min(length, MAX_RUN) - 2) * MAX_RUN + min(position, MAX_RUN - 1)


def ordinal(place: int) -> tuple[int, int]:
    """The position, from 1, and the length of the run that `_place` encodes as this number; `MAX_RUN` also stands for longer runs."""
    length, position = divmod(place - 1, MAX_RUN)
    return position + 1, length + 2


def _repeats(keys: Sequence[str]) -> list[int]:
    """As `_run_positions`, wherever in the form the fields with the same key are: the second block of a form repeats the first's labels."""
    total, seen = Counter(keys), Counter[str]()
    places = []
    for key in keys:
        places.append(_place(seen[key], total[key]) if key and total[key] > 1 else 0)
        seen[key] += 1
    return places


def _prefix(view: FieldView) -> tuple[str, ...]:
    """The first word of the name, or else of the id, with a number after it: `passenger 2` of `passenger[2].name`."""
    first, *others = (*(view.name_words or view.id_words), "")
    return (first, *others[:1]) if others and others[0].isdigit() else (first,)


def _blocks(prefixes: Sequence[tuple[str, ...]]) -> list[int]:
    """The number of the run of equal prefixes that each field is in; a field without one is a run by itself."""
    starts = [row == 0 or prefix != prefixes[row - 1] or not prefix[0] for row, prefix in enumerate(prefixes)]
    return [number - 1 for number in accumulate(starts)]


def _section_positions(sections: Sequence[str]) -> list[int]:
    """Each field's position among consecutive fields of the same section, from 1; 0 for fields of none."""
    return [min(position, MAX_SECTION) if key else 0 for key, run in groupby(sections) for position, _ in enumerate(run, start=1)]


def _stem(view: FieldView) -> str:
    """The name without digits and without a last word of `PART_WORDS`: the same for all fields of one question."""
    words = [word for word in view.name_words if not word.isdigit()]
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in PART_WORDS else words)


def gather(
    views: Sequence[FieldView],
    found: Sequence[Candidates],
    lexicon: Lexicon,
    numbers: Mapping[str, int],
    features: int = FEATURES,
    place: FormPlace | None = None,
) -> Evidence:
    """The evidence of a form, for a ranker trained on the features numbered `features`. `found`: each field's candidates.

    `place`: where the form is from; None: as `form_place` reads it from `views`, without the page's origin.
    `numbers`: the number of each canonical id, from 1, as in the ranker's training; other ids are treated as no match (0).
    """
    layout = LAYOUTS[features]
    numbered: dict[str, int] = {"": 0}  # a heading is the same for many fields: it is hashed and embedded once
    of_views = [[numbered.setdefault(text, len(numbered)) for text in _texts(view)[: len(layout.views)]] for view in views]
    near = np.zeros((len(views), NEAREST), np.int64)
    nearness = np.zeros((len(views), NEAREST), np.float32)
    for row, field_candidates in enumerate(found):
        for column, neighbour in enumerate(field_candidates.near[:NEAREST]):
            near[row, column] = numbers.get(neighbour.canonical, 0)
            nearness[row, column] = max(0.0, neighbour.score - NEAR_FROM)
    looked_up = [_looked_up(view, field_candidates, lexicon) for view, field_candidates in zip(views, found, strict=True)]
    return Evidence(
        texts=tuple(numbered),
        views=_matrix(of_views, len(layout.views)),
        lexical=_matrix([[numbers.get(c or "", 0) for c in row] for row in looked_up], len(layout.lexical)),
        near=near,
        nearness=nearness,
        blocks=np.array(_blocks([_prefix(view) for view in views]), np.int64),
        shape=_matrix(list(zip(*_columns(views, place or form_place(views)), strict=True)), len(layout.shape)),
    )


def _columns(views: Sequence[FieldView], place: FormPlace) -> tuple[Sequence[int], ...]:
    """The newest layout's columns of `Evidence.shape`."""
    types, maxlengths, options = zip(*map(_shape, views), strict=True) if views else ((), (), ())
    labels = [view.label for view in views]
    runs = _run_positions(labels), _run_positions([_stem(view) for view in views])
    around = _repeats(labels), _section_positions([view.section for view in views])
    kinds = [KINDS.index(option_kind(view.field.options).kind) for view in views]
    return types, maxlengths, options, *runs, *around, kinds, [place.number] * len(views)


def _matrix(rows: Sequence[Sequence[int]], columns: int) -> Integers:
    """int64 (rows, columns): the first columns of each row; what an earlier layout does not have comes last in a newer one."""
    return np.array([row[:columns] for row in rows], np.int64).reshape(-1, columns)
