"""What each view of a field contributes to the ranker's answer, found by leaving it out.

A view is left out by setting its columns in the evidence to 0, which the ranker reads as "nothing there". Two questions are asked of
each: what the answer loses without it, and what it gains from it alone. Only the first would hide a label and a name that both
suffice, only the second what a view adds to others. Their mean is a Shapley value (1953) cut short: of all orders in which views can
be added, it looks at the first place and the last.

Effects are in log-odds: from 0.5 to 0.6 is a small step, from 0.89 to 0.99 a large one. Probabilities are cut at `CERTAIN` first,
beyond which a difference means nothing to a person.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.ranker.decide import Ranked
from fieldwise_inference.classify.ranker.evidence import Evidence, Floats
from fieldwise_inference.classify.ranker.features import LAYOUTS, Layout

CERTAIN = 0.001
"""Probabilities nearer to 0 or 1 than this count as this near."""
TAKEN = 0.02
"""The probability that a view must give to another id to be said to speak for it."""
REACH = 2
"""Fields before and after the field that are views of their own; further ones are the rest of the form."""

NEAREST, BEFORE, AFTER, REST = "nearest", "before", "after", "rest_of_form"
VIEW_OF: Mapping[tuple[str, str], str] = {
    ("views", "form"): "form_name",
    ("lexical", "fuzzy"): "similar",
    ("shape", "types"): "type",
    ("shape", "maxlengths"): "length",
    ("shape", "option_kinds"): "options",
    ("shape", "places"): "country",
    ("shape", "label_runs"): "place",
    ("shape", "name_runs"): "place",
    ("shape", "label_repeats"): "place",
    ("shape", "section_runs"): "place",
    ("near", ""): NEAREST,
    ("nearness", ""): NEAREST,
}
"""The view that a column of the evidence belongs to, by array and column; one that is not here is a view by its own name."""

Columns = dict[str, list[int]]
"""Columns of the evidence, by array."""
Answer = Callable[[Floats, Floats], float]
"""The probability (0..1) of the answer, from those of all classes and of all owners."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one view contributes: see `wire_explain.ViewEffect`. `views`: its names, several if they have the same text."""

    views: tuple[str, ...]
    effect: float
    without: float
    alone: float
    instead: str


def effects(ranked: Ranked, row: int, mask: Floats, answer: Answer) -> list[Effect]:
    """The effect of each view that a field has, the largest first. `mask`: float32 (classes,), see `ranker.decide.allowed`."""
    evidence, settings = ranked.evidence, ranked.ranker.settings
    own = _own_views(evidence, row, LAYOUTS[settings.features])
    around = {(view,): rows for view, rows in _around(len(evidence), row).items() if rows}
    every = frozenset((*own, *around))

    def predicted(shown: frozenset[tuple[str, ...]]) -> tuple[Floats, float]:
        hidden_rows = [position for view, rows in around.items() if view not in shown for position in rows]
        hidden_columns = [columns for view, columns in own.items() if view not in shown]
        seen, position = _without(evidence, row, hidden_columns, hidden_rows, is_alone=(REST,) not in shown)
        prediction = ranked.ranker.predict(seen)
        classes: Floats = prediction.probabilities[position] * mask
        return classes, answer(classes, prediction.whose[position])

    (full, has), (_, without_all) = predicted(every), predicted(frozenset())
    found = []
    for view in (*own, *around):
        (left, without), (_, alone) = predicted(every - {view}), predicted(frozenset({view}))
        effect = (_log_odds(has) - _log_odds(without) + _log_odds(alone) - _log_odds(without_all)) / 2
        taken = full - left
        best = int(taken.argmax())
        instead = settings.classes[best] if effect < 0 and taken[best] >= TAKEN else ""
        found.append(Effect(view, effect, without, alone, instead))
    return sorted(found, key=lambda one: -abs(one.effect))


def _log_odds(probability: float) -> float:
    cut = min(max(probability, CERTAIN), 1 - CERTAIN)
    return math.log(cut / (1 - cut))


def _own_views(evidence: Evidence, row: int, layout: Layout) -> dict[tuple[str, ...], Columns]:
    """The columns of each view that the field has. Views with the same text, such as a name that is the id as well, are one."""
    columns: dict[str, Columns] = {}
    for array, column, name in _columns(evidence, layout):
        if _cells(getattr(evidence, array), row)[column]:
            view = VIEW_OF.get((array, name), name or array)
            columns.setdefault(view, {}).setdefault(array, []).append(column)
    same_text: dict[int, list[str]] = {}
    for column, name in enumerate(layout.views):
        if text := int(evidence.views[row, column]):
            same_text.setdefault(text, []).append(VIEW_OF.get(("views", name), name))
    joint = {view: tuple(views) for views in same_text.values() for view in views}
    merged: dict[tuple[str, ...], Columns] = {}
    for view, own in columns.items():
        into = merged.setdefault(joint.get(view, (view,)), {})
        for array, numbers in own.items():
            into.setdefault(array, []).extend(numbers)
    return merged


def _columns(evidence: Evidence, layout: Layout) -> Iterator[tuple[str, int, str]]:
    """Array, number and name of each column; those of an array that the layout does not name are named ""."""
    for array in _tables(evidence):
        names: Sequence[str] = getattr(layout, array, ()) or [""] * len(_cells(getattr(evidence, array), 0))
        yield from ((array, column, name) for column, name in enumerate(names))


def _tables(evidence: Evidence) -> list[str]:
    """The arrays with a row per field, apart from the number of its block."""
    arrays = (one.name for one in fields(evidence) if one.name != "blocks")
    return [name for name in arrays if getattr(getattr(evidence, name), "shape", ())[:1] == (len(evidence),)]


def _cells(table: NDArray[np.generic], row: int) -> NDArray[np.generic]:
    """The cells of one row, as a view into the array: one, if it has no columns."""
    return table[row] if table.ndim > 1 else table[row : row + 1]


def _around(size: int, row: int) -> Mapping[str, list[int]]:
    """The rows of the fields around the field, by view."""
    before, after = range(max(0, row - REACH), row), range(row + 1, min(size, row + 1 + REACH))
    return {BEFORE: list(before), AFTER: list(after), REST: [i for i in range(size) if i != row and i not in before and i not in after]}


def _without(
    evidence: Evidence, row: int, hidden_columns: Sequence[Columns], hidden_rows: Sequence[int], is_alone: bool
) -> tuple[Evidence, int]:
    """The evidence without some columns of the field and without some other fields, and the field's row in it.

    Hidden fields stay as empty ones: without them, further ones would move up to their places. If `is_alone`, there are no further ones,
    and they are cut off.
    """
    tables = {name: getattr(evidence, name).copy() for name in _tables(evidence)}
    for columns in hidden_columns:
        for array, numbers in columns.items():
            _cells(tables[array], row)[numbers] = 0
    for table in tables.values():
        table[list(hidden_rows)] = 0
    if not is_alone:
        return replace(evidence, **tables), row
    kept = sorted(set(range(len(evidence))) - set(hidden_rows))
    tables = {name: table[kept] for name, table in tables.items()}
    used, views = np.unique(tables.pop("views"), return_inverse=True)
    blocks = np.unique(evidence.blocks[kept], return_inverse=True)[1]
    smaller = replace(evidence, texts=evidence.texts.take(used), views=views.reshape(len(kept), -1), blocks=blocks, **tables)
    return smaller, kept.index(row)
