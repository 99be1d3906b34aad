"""The form as a whole: what single fields said is made to fit together."""

from collections.abc import Sequence
from dataclasses import replace

from fieldwise_common.canonical import about
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import Ruling

NEARBY = 3
"""Fields of one part of a form stand at most this far apart."""

STRENGTH = {"autocomplete": 3, "lexical-exact": 2, "ranker": 2, "lexical-fuzzy": 1, "semantic": 0}


def _two_passwords(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """Two password boxes in a row choose a password; one alone may be a log-in."""
    said = [r.canonical if r.outcome == "accepted" and v.kind in {"password", ""} else "" for v, r in zip(views, rulings, strict=True)]
    out = list(rulings)
    for here, there in zip(range(len(said)), range(1, len(said)), strict=False):
        if said[here] == "current-password" and said[there] in {"current-password", "new-password"} and out[here].method != "autocomplete":
            is_change = there + 1 < len(said) and said[there + 1] in {"current-password", "new-password"}
            for position in (there,) if is_change else (here, there):
                if out[position].method != "autocomplete":
                    out[position] = replace(out[position], canonical="new-password").with_signal("form:password-pair")
    return out


def _weaker_twins(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """Of two fields close together with one meaning, the one found by weaker evidence is left unsure."""
    out = list(rulings)
    for here, ruling in enumerate(rulings):
        if ruling.outcome != "accepted" or about(ruling.canonical).repeats or views[here].kind == "radio":
            continue
        others = [rulings[i] for i in range(max(0, here - NEARBY), min(len(rulings), here + NEARBY + 1)) if i != here]
        twins = [o for o in others if o.outcome == "accepted" and o.canonical == ruling.canonical]
        if any(STRENGTH.get(t.method, 0) > STRENGTH.get(ruling.method, 0) for t in twins):
            out[here] = replace(ruling, outcome="unsure").with_signal("form:stronger-twin-nearby")
    return out


def settle(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """The rulings of a form's fields, in its order, made consistent; every change leaves a `form:` signal."""
    return _weaker_twins(views, _two_passwords(views, rulings))
