"""What lexicon and index put forward for the fields whose text the lexicon does not know exactly."""

from collections.abc import Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.ranker.evidence import Candidates
from fieldwise_inference.classify.ruling import Ruling


def needs_candidates(view: FieldView, settled: Ruling | None, lexicon: Lexicon) -> bool:
    """Whether candidates are looked for: the field is open, and the lexicon doesn't know its label exactly."""
    return settled is None and lexicon.lookup(view.label) is None


def candidates(version: LoadedVersion, views: Sequence[FieldView], settled: Sequence[Ruling | None]) -> list[Candidates]:
    """The candidates of each field of a form; none where they aren't needed. LEX_THRESHOLD of the training is `thresholds.lexical`."""
    wanted = [needs_candidates(view, known, version.lexicon) for view, known in zip(views, settled, strict=True)]
    near = near_meanings(version.encoder, version.index, views, wanted)
    cutoff = version.thresholds.lexical
    return [
        Candidates(found, _fuzzy(view, version.lexicon, cutoff)) if wants else Candidates()
        for view, wants, found in zip(views, wanted, near, strict=True)
    ]


def _fuzzy(view: FieldView, lexicon: Lexicon, cutoff: float) -> str | None:
    """By the label, else the placeholder, else the name; None where the lexicon knows that exactly."""
    key = view.label or view.placeholder or next(iter(view.names), "")
    found = lexicon.nearest(key, cutoff) if lexicon.lookup(key) is None else None
    return found[0] if found is not None else None
