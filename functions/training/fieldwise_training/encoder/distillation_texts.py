"""The texts that a static encoder is distilled on."""

from collections.abc import Iterable
from dataclasses import dataclass

from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.corpus import Form


@dataclass(frozen=True, slots=True)
class DistillationTexts:
    """Texts that inference embeds: `learned` are distilled on; `unseen`, those of the calibration forms, measure the result."""

    learned: tuple[str, ...]
    unseen: tuple[str, ...]


def distillation_texts(entries: Iterable[Entry], forms: Iterable[Form], lexicon: Lexicon) -> DistillationTexts:
    """Synonyms, the texts of fields that the lexicon does not know, and options, among which the nearest to a value is looked for."""
    learned = {entry.text for entry in entries}
    unseen: set[str] = set()
    for form in forms:
        for described in form.request().fields:
            view = FieldView(described)
            own = {option.text for option in described.options} | ({view.text} if lexicon.lookup(view.label) is None else set())
            (unseen if form.is_for_calibration else learned).update(own)
    return DistillationTexts(tuple(sorted(learned - {""})), tuple(sorted(unseen - learned - {""})))
