"""What each view of a field contributes to the ranker's answer, found by leaving it out.

A view is left out by setting its columns in the evidence to 0, which the ranker reads as "missing". Two differences are measured for
each: what the answer loses without it, and what it gains from it alone. The first misses a label and a name that would each suffice,
the second what a view adds to the others. Their mean approximates the Shapley value (Shapley, 1953, "A Value for n-Person Games"): of
all orders in which the views can be added, it takes those with this view first or last.

Effects are in log-odds: from 0.5 to 0.6 is a small step, from 0.89 to 0.99 a large one. Probabilities are clipped at `CERTAIN` first,
as differences beyond it mean nothing to a person.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fieldwise_inference.classify.ranker.decide import Ranked
from fieldwise_inference.classify.ranker.evidence import Evidence, Floats
from fieldwise_inference.classify.ranker.features import LAYOUTS, Layout

CERTAIN = 0.001
"""Probabilities are clipped to this distance from 0 and 1."""
MIN_ADDED = 0.02
"""A view speaks for another id if it adds at least this probability to it."""
REACH = 2
"""How many fields before and after the field are views of their own; all others are the rest of the form."""

POSITION, NEAREST, BEFORE, AFTER, REST = "position", "nearest", "before", "after", "rest_of_form"
VIEW_OF: Mapping[tuple[str, str], str] = {
    ("views", "form"): "form_name",
    ("lexical", "fuzzy"): "similar",
    ("shape", "types"): "type",
    ("shape", "maxlengths"): "length",
    ("shape", "option_kinds"): "options",
    ("shape", "places"): "country",
    ("shape", "label_runs"): POSITION,
    ("shape", "name_runs"): POSITION,
    ("shape", "label_repeats"): POSITION,
    ("shape", "section_runs"): POSITION,
}
"""The view of each column whose own name does not say it, by array and column."""
LAYOUT_ARRAYS, NEAREST_ARRAYS = ("views", "lexical", "shape"), ("near", "nearness")
"""The arrays of the evidence with a row for each field: those whose columns its `Layout` names, and those about the nearest texts."""

Columns = dict[str, list[int]]
"""Numbers of columns, by array of the evidence."""
Answer = Callable[[Floats, Floats], float]
"""The probability (0..1) of the answer, from those of all classes and of all owners."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one view contributes, as in `wire_explain.ViewEffect`. `views`: its name, or those of several views with the same text."""

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
        added = full - left
        best = int(added.argmax())
        instead = settings.classes[best] if effect < 0 and added[best] >= MIN_ADDED else ""
        found.append(Effect(view, effect, without, alone, instead))
    return sorted(found, key=lambda one: -abs(one.effect))


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, CERTAIN), 1 - CERTAIN)
    return math.log(clipped / (1 - clipped))


def _own_views(evidence: Evidence, row: int, layout: Layout) -> dict[tuple[str, ...], Columns]:
    """The columns of each view that the field has. Views with the same text, such as a name that is the id as well, are one."""
    columns: dict[str, Columns] = {}
    for array, column, view in _columns(evidence, layout):
        if getattr(evidence, array)[row, column]:
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
    """Each column of the evidence: its array, its number there, and the view it belongs to."""
    for array in LAYOUT_ARRAYS:
        yield from ((array, column, VIEW_OF.get((array, name), name)) for column, name in enumerate(getattr(layout, array)))
    for array in NEAREST_ARRAYS:
        yield from ((array, column, NEAREST) for column in range(getattr(evidence, array).shape[1]))


def _around(size: int, row: int) -> Mapping[str, list[int]]:
    """The rows of the fields around the field, by view."""
    before, after = range(max(0, row - REACH), row), range(row + 1, min(size, row + 1 + REACH))
    return {BEFORE: list(before), AFTER: list(after), REST: [i for i in range(size) if i != row and i not in before and i not in after]}


def _without(
    evidence: Evidence, row: int, hidden_columns: Sequence[Columns], hidden_rows: Sequence[int], is_alone: bool
) -> tuple[Evidence, int]:
    """The evidence without some columns of the field and without some other fields, and the field's row in it.

    Hidden fields are emptied but stay, so that those beyond them don't move closer. If `is_alone`, none are shown beyond them, and they
    are removed.
    """
    tables = {name: getattr(evidence, name).copy() for name in LAYOUT_ARRAYS + NEAREST_ARRAYS}
    for columns in hidden_columns:
        for array, numbers in columns.items():
            tables[array][row, numbers] = 0
    for table in tables.values():
        table[list(hidden_rows)] = 0
    if not is_alone:
        return replace(evidence, **tables), row
    kept = sorted(set(range(len(evidence))) - set(hidden_rows))
    tables = {name: table[kept] for name, table in tables.items()}
    used, views = np.unique(tables.pop("views"), return_inverse=True)
    blocks = np.unique(evidence.blocks[kept], return_inverse=True)[1]
    texts = tuple(evidence.texts[number] for number in used)
    smaller = replace(evidence, texts=texts, views=views.reshape(len(kept), -1), blocks=blocks, **tables)
    return smaller, kept.index(row)
