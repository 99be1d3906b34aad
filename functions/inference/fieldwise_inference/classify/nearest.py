"""The canonical ids nearest to the texts of fields: one batch of embeddings and one nearest-neighbour search per form."""

from collections.abc import Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ports import Encoder, Index, Neighbour

NEIGHBOURS = 12
"""Synonyms retrieved per field: enough to include the second-nearest canonical id."""


def near_meanings(encoder: Encoder, index: Index, views: Sequence[FieldView], wanted: Sequence[bool]) -> list[list[Neighbour]]:
    """Per field, the nearest synonym of each canonical id near its text, nearest first.

    An empty list for fields not `wanted`, and for texts that the encoder can't read.
    """
    vectors = encoder.encode([view.text for view, wants in zip(views, wanted, strict=True) if wants])
    found = (near if vector.any() else [] for near, vector in zip(index.search(vectors, NEIGHBOURS), vectors, strict=True))
    return [next(found) if wants else [] for wants in wanted]
