"""What fine-tuning brings: for how many authored fields the nearest synonym has the right id, before and after."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fieldwise_training.canonical_loader import Entry
from fieldwise_training.encoder.pairs import FieldText
from fieldwise_training.encoder.rows import Vectors
from fieldwise_training.evaluation.comparison import p_of_loss
from fieldwise_training.evaluation.details import LanguageGain
from fieldwise_training.evaluation.verdict import ALPHA
from fieldwise_training.progress.report import OnProgress, ProgressCounter, ignore_progress

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 128
Right = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gain:
    """Whether the fine-tuned model is kept, why, and the figures by language."""

    kept: bool
    reason: str
    by_language: Mapping[str, LanguageGain]


def embedded(model: "SentenceTransformer", texts: Iterable[str], on_progress: OnProgress = ignore_progress) -> Vectors:
    """The vector of each text."""
    distinct = sorted(set(texts))
    tokens = {text: len(ids) for text, ids in zip(distinct, model.tokenizer(distinct)["input_ids"], strict=True)}
    distinct.sort(key=lambda text: tokens[text])  # texts of a batch with as many tokens need no padding
    counter = ProgressCounter(on_progress, "texts embedded", len(distinct))
    vectors: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(distinct), BATCH):
        batch = distinct[start : start + BATCH]
        vectors.update(zip(batch, model.encode(batch, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False), strict=True))
        counter.add(len(batch))
    return vectors


def nearest_is_right(vectors: Vectors, entries: Sequence[Entry], fields: Sequence[FieldText]) -> Right:
    """Bool (fields,): whether the nearest of all synonyms, by exact search, has the field's id."""
    synonyms = np.stack([vectors[entry.text] for entry in entries])
    nearest = (np.stack([vectors[field.text] for field in fields]) @ synonyms.T).argmax(axis=1)
    return np.array([entries[n].canonical == field.canonical for n, field in zip(nearest, fields, strict=True)], np.bool_)


def judge_gain(fields: Sequence[FieldText], before: Right, after: Right) -> Gain:
    """Kept if the model gains significantly over all fields, and loses significantly in no language.

    Both by `p_of_loss` with the site as the unit: the fields of one site are worded alike. A gain is significant if its loss, with
    before and after exchanged, would be.
    """
    by_language = {lang: _gain(fields, before, after, lang) for lang in sorted({field.lang for field in fields})}
    p = p_of_loss(-change for change in _changes(fields, before, after))
    counts = f"the nearest synonym is right for {int(after.sum())} of {len(fields)} fields, {int(before.sum())} with the base model"
    worse = [lang for lang in by_language if p_of_loss(_changes(fields, before, after, lang)) < ALPHA]
    if p >= ALPHA:
        return Gain(False, f"no significant gain: {counts} (p = {p:.3g})", by_language)
    if worse:
        return Gain(False, f"significantly worse in {', '.join(worse)}: {counts} in all languages", by_language)
    return Gain(True, f"{counts} (p = {p:.3g}), significantly worse in no language", by_language)


def _gain(fields: Iterable[FieldText], before: Right, after: Right, lang: str) -> LanguageGain:
    own = [number for number, field in enumerate(fields) if field.lang == lang]
    return LanguageGain(fields=len(own), before=int(before[own].sum()), after=int(after[own].sum()))


def _changes(fields: Iterable[FieldText], before: Right, after: Right, lang: str | None = None) -> list[int]:
    """For each site, fields won less fields lost."""
    sites: Counter[str] = Counter()
    for field, was, is_ in zip(fields, before, after, strict=True):
        if lang in {None, field.lang}:
            sites[field.site] += int(is_) - int(was)
    return list(sites.values())
