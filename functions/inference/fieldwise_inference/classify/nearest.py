"""The meanings nearest to what fields say: one batch embedding and one search for a whole form."""

from collections.abc import Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ports import Encoder, Index, Neighbour

NEIGHBOURS = 12
"""Synonyms looked at per field: enough for the second-best meaning to be among them."""


def near_meanings(encoder: Encoder, index: Index, views: Sequence[FieldView], wanted: Sequence[bool]) -> list[list[Neighbour]]:
    """Per field, the nearest synonym of each meaning near its text, nearest first; an empty list where it is not `wanted`."""
    vectors = encoder.encode([view.text for view, wants in zip(views, wanted, strict=True) if wants])
    found = iter(index.search(vectors, NEIGHBOURS))
    return [best_by_canonical(next(found)) if wants else [] for wants in wanted]


def best_by_canonical(neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """The nearest synonym of each meaning, nearest first."""
    best: dict[str, Neighbour] = {}
    for neighbour in neighbours:
        best.setdefault(neighbour.canonical, neighbour)
    return list(best.values())
