"""What settles a field by itself, whatever its neighbours and the model think."""

from fieldwise_common.canonical import is_negative
from fieldwise_common.wire import Outcome
from fieldwise_inference.classify.autocomplete import by_autocomplete
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import admits, by_type
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ruling import SILENT, Ruling
from fieldwise_inference.classify.text import normalise


def certain(view: FieldView, lexicon: Lexicon) -> Ruling | None:
    """The ruling that needs no model: the type, the page's own `autocomplete`, a confirmed text, or no text at all. None: still open."""
    return by_type(view) or by_autocomplete(view) or by_confirmed_text(view, lexicon) or (None if view.text else SILENT)


def by_confirmed_text(view: FieldView, lexicon: Lexicon) -> Ruling | None:
    """What feedback has confirmed for exactly this text: a correction is live with the next version, whatever else speaks."""
    key = normalise(view.text)
    canonical = lexicon.confirmed.get(key)
    if canonical is None or lexicon.rejects(key, canonical) or not admits(view, canonical):
        return None
    outcome: Outcome = "nothing" if is_negative(canonical) else "accepted"
    return Ruling(outcome, "lexical-exact", canonical, 1.0, 1.0, (f"feedback:{view.text_source}={canonical}",))
