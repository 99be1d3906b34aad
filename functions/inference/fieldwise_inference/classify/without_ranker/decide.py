"""Decides by rules about the fields of a form that are not certain."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.without_ranker.lexical import by_exact_text, by_near_text
from fieldwise_inference.classify.without_ranker.semantic import by_meaning


def by_rules(
    version: LoadedVersion, views: Sequence[FieldView], settled: Sequence[Ruling | None], rejected: Sequence[Collection[str]]
) -> list[Ruling]:
    """One decision per field of a form. `settled` decisions stay; a field is unsure rather than one of its `rejected` ids."""
    lexicon, thresholds = version.lexicon, version.thresholds
    by_text = [
        known or by_exact_text(view, lexicon) or by_near_text(view, lexicon, thresholds.lexical)
        for known, view in zip(settled, views, strict=True)
    ]
    near = near_meanings(version.encoder, version.index, views, [ruling is None for ruling in by_text])
    rulings = [ruling or by_meaning(view, neighbours, thresholds) for ruling, view, neighbours in zip(by_text, views, near, strict=True)]
    return [
        replace(ruling, outcome="unsure").with_signal(f"rejected:{ruling.canonical}")
        if known is None and ruling.canonical in wrong
        else ruling
        for known, ruling, wrong in zip(settled, rulings, rejected, strict=True)
    ]
