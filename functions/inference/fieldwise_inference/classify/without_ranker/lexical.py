"""The lexical steps: exact and fuzzy matches of a field's label, placeholder or name in the lexicon."""

from collections.abc import Iterator

from fieldwise_common.canonical import about, is_negative
from fieldwise_common.wire import Method
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import admits
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ruling import Ruling


def _found(view: FieldView, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """(source, canonical) of each exact match, the most reliable source first."""
    views = (("label", (view.label,)), ("placeholder", (view.placeholder,)), ("name", view.names))
    for source, keys in views:
        known = (lexicon.lookup(key) for key in keys)
        canonical = next((c for c in known if c is not None and admits(view, c)), None)
        if canonical is not None:
            yield source, canonical


def _is_part_of(canonical: str, whole: str) -> bool:
    """Whether a name can refine a label: `exp_month` the label "Expiration date", `new_password` the label "Password"."""
    return about(canonical).part_of == whole or (canonical, whole) == ("new-password", "current-password")


def _ruling(canonical: str, method: Method, score: float, threshold: float, signals: tuple[str, ...]) -> Ruling:
    return Ruling("nothing" if is_negative(canonical) else "accepted", method, canonical, score, threshold, signals)


def by_exact_text(view: FieldView, lexicon: Lexicon) -> Ruling | None:
    """The canonical id of the label, or else of the placeholder or the name; if the name's is a part of that, the name's.

    A match of the name alone does not count if the field has a label: the later steps read the label.
    """
    found = dict(_found(view, lexicon))
    if not found:
        return None
    source, canonical = next(iter(found.items()))
    if source == "name" and view.label:
        return None
    signals = tuple(f"lexical:{s}={c}" for s, c in found.items())
    named = found.get("name", canonical)
    if _is_part_of(named, canonical):
        canonical, signals = named, (*signals, "part-by-name")
    return _ruling(canonical, "lexical-exact", 1.0, 1.0, signals)


def by_near_text(view: FieldView, lexicon: Lexicon, cutoff: float) -> Ruling | None:
    """The canonical id of the fuzzy match of the label, or else of the placeholder or the name, at a similarity of at least `cutoff`."""
    keys = [("label", view.label), ("placeholder", view.placeholder), *(("name", key) for key in view.names[:1])]
    for source, key in keys:
        near = lexicon.nearest(key, cutoff) if key else None
        if near is not None and admits(view, near[0]):
            canonical, _, similarity = near
            return _ruling(canonical, "lexical-fuzzy", similarity, cutoff, (f"fuzzy:{source}={canonical}",))
        if key:
            return None
    return None
