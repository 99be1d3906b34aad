"""Pools the probabilities of ids that answer the same field equally well.

A password box may set a new password or ask for the current one, a telephone may be with or without its country code; "Mobile number
or email" takes either. The ranker then divides its probability between the two, and neither reaches its threshold, although the
likelier one would be right in any case.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from fieldwise_common.canonical import alike, is_negative
from fieldwise_inference.classify.autocomplete import LOG_IN
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.text import normalise

_OR = re.compile(r"\s(?:or|oder|ou|o|of|lub|albo|или|veya|ya da|atau|या|أو)\s|または|或者|或|또는|/|\|", re.IGNORECASE)


def pooled(ruling: Ruling, view: FieldView, lexicon: Lexicon, probability: Callable[[str], float]) -> Ruling:
    """An unsure ruling, accepted if the probabilities of all ids that answer the field as well reach its threshold together.

    `probability`: of an id, for this field. The score is then the sum.
    """
    if ruling.outcome != "unsure" or is_negative(ruling.canonical):
        return ruling
    named = named_together(view, lexicon)
    others = (alike(ruling.canonical) | (named if ruling.canonical in named else frozenset())) - {ruling.canonical}
    shares = {canonical: probability(canonical) for canonical in sorted(others)}
    score = min(round(ruling.score + sum(shares.values()), 4), 1.0)
    if score < ruling.threshold:
        return ruling
    signals = (f"pooled:{canonical}@{share:.2f}" for canonical, share in shares.items() if share >= 0.01)
    return replace(ruling, outcome="accepted", score=score).with_signal(*signals)


def named_together(view: FieldView, lexicon: Lexicon) -> frozenset[str]:
    """The ids of a log-in's field whose label names several: "Mobile number or email" takes either, and a username."""
    label = view.field.label or view.field.aria_label or view.field.placeholder
    parts = [normalise(part) for part in _OR.split(label)]
    found = {canonical for part in parts if (canonical := lexicon.lookup(part)) in LOG_IN}
    return LOG_IN if len(found) > 1 else frozenset()
