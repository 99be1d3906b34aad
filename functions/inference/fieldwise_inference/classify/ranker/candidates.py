"""What the index puts forward for the fields whose text the lexicon does not know."""

from collections.abc import Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.ports import Encoder, Index, Neighbour
from fieldwise_inference.classify.ruling import Ruling


def needs_candidates(view: FieldView, settled: Ruling | None, lexicon: Lexicon) -> bool:
    """Whether the ranker is shown the meanings near a field's text: the field is open, and the lexicon doesn't know its label."""
    return settled is None and lexicon.lookup(view.label) is None


def candidates(
    encoder: Encoder, index: Index, lexicon: Lexicon, views: Sequence[FieldView], settled: Sequence[Ruling | None]
) -> list[list[Neighbour]]:
    """Per field, the nearest synonym of each meaning near its text, nearest first; an empty list where none is needed."""
    wanted = [needs_candidates(view, known, lexicon) for view, known in zip(views, settled, strict=True)]
    return near_meanings(encoder, index, views, wanted)
