"""Candidate ids from the lexicon and the index, for fields whose label is not an exact match in the lexicon."""

from collections.abc import Sequence

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.ranker.evidence import Candidates
from fieldwise_inference.classify.ruling import BY_PEOPLE, Ruling


def needs_candidates(view: FieldView, settled: Ruling | None, lexicon: Lexicon) -> bool:
    """Whether to look for candidates: the field is undecided, and its label is not an exact match in the lexicon."""
    return settled is None and lexicon.lookup(view.label) is None


def candidates(version: LoadedVersion, views: Sequence[FieldView], settled: Sequence[Ruling | None]) -> list[Candidates]:
    """The candidates of each field of a form; empty for fields that need none (`needs_candidates`).

    A fuzzy match needs a similarity of `thresholds.lexical`.
    """
    wanted = [needs_candidates(view, known, version.lexicon) for view, known in zip(views, settled, strict=True)]
    near = near_meanings(version.encoder, version.index, views, wanted)
    cutoff = version.thresholds.lexical
    return [
        Candidates(found, _fuzzy(view, version.lexicon, cutoff)) if wants else Candidates(told=_told(known))
        for view, wants, found, known in zip(views, wanted, near, settled, strict=True)
    ]


def _told(settled: Ruling | None) -> str | None:
    return settled.canonical if settled is not None and settled.method in BY_PEOPLE else None


def _fuzzy(view: FieldView, lexicon: Lexicon, cutoff: float) -> str | None:
    key = fuzzy_key(view, lexicon)
    found = lexicon.nearest(key, cutoff) if key is not None else None
    return found[0] if found is not None else None


def fuzzy_key(view: FieldView, lexicon: Lexicon) -> str | None:
    """The text whose fuzzy match is evidence: the label, or else the placeholder or the name; None if it is an exact match."""
    key = view.label or view.placeholder or next(iter(view.names), "")
    return key if lexicon.lookup(key) is None else None
