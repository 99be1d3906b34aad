"""Resolves contradictions between the decisions about the fields of one form."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fieldwise_common.canonical import about
from fieldwise_inference.classify.apart import are_apart
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ruling import BY_PEOPLE, Ruling

NEARBY = 3
"""Two fields at most this many positions apart count as one block of a form, unless the page keeps them apart (`apart.are_apart`)."""

FINAL = BY_PEOPLE | {"autocomplete"}
"""Methods whose decisions stand, whatever is decided about other fields."""

STRENGTH: Mapping[str, int] = {
    **dict.fromkeys(BY_PEOPLE, 2),
    **{"autocomplete": 3, "lexical-exact": 2, "ranker": 2, "lexical-fuzzy": 1, "semantic": 0},
}
"""How strongly a decision speaks against a nearby field with the same id; the higher, the more.

What people said about one field is no stronger than the ranker, which has seen it: measured on forms of which one mistake was
corrected, it would else take away more right answers nearby (17) than wrong ones (1).
"""


def _two_passwords(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """Two password fields in a row set a new password (and repeat it); a single one may be a log-in.

    Of three in a row, the first is the current password.
    """
    ids = [r.canonical if r.outcome == "accepted" and v.kind in {"password", ""} else "" for v, r in zip(views, rulings, strict=True)]
    out = list(rulings)
    for first, second in zip(range(len(ids)), range(1, len(ids)), strict=False):
        is_pair = ids[first] == "current-password" and ids[second] in {"current-password", "new-password"}
        if is_pair and out[first].method not in FINAL:
            is_change = second + 1 < len(ids) and ids[second + 1] in {"current-password", "new-password"}
            for position in (second,) if is_change else (first, second):
                if out[position].method not in FINAL:
                    out[position] = replace(out[position], canonical="new-password").with_signal("form:password-pair")
    return out


def _weaker_duplicates(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """If two nearby fields have the same canonical id, the one decided by the less reliable method becomes unsure."""
    out = list(rulings)
    for position, ruling in enumerate(rulings):
        may_repeat = about(ruling.canonical).repeats or views[position].kind == "radio"
        if ruling.outcome != "accepted" or ruling.method in BY_PEOPLE or may_repeat:
            continue
        nearby = range(max(0, position - NEARBY), min(len(rulings), position + NEARBY + 1))
        duplicates = [i for i in nearby if rulings[i].outcome == "accepted" and rulings[i].canonical == ruling.canonical]
        stronger = [i for i in duplicates if STRENGTH.get(rulings[i].method, 0) > STRENGTH.get(ruling.method, 0)]
        if any(not are_apart(views[i], views[position]) for i in stronger):
            out[position] = replace(ruling, outcome="unsure").with_signal("form:stronger-twin-nearby")
    return out


def _lines_of_an_address(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """A one-line address before a second line is the first line: with the whole address in it, the second would be there twice."""
    out = list(rulings)
    for position, ruling in enumerate(rulings):
        following = rulings[position + 1 : position + 3]
        is_whole = ruling.outcome == "accepted" and ruling.canonical == "street-address" and ruling.method not in FINAL
        if (
            is_whole
            and views[position].kind != "textarea"
            and any((r.outcome, r.canonical) == ("accepted", "address-line2") for r in following)
        ):
            out[position] = replace(ruling, canonical="address-line1").with_signal("form:second-line-follows")
    return out


def settle(views: Sequence[FieldView], rulings: Sequence[Ruling]) -> list[Ruling]:
    """The decisions about a form's fields, in page order, without contradictions; every change adds a `form:` signal."""
    return _weaker_duplicates(views, _lines_of_an_address(views, _two_passwords(views, rulings)))
