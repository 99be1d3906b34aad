"""Forms as arrays, made by the code that inference uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.evidence import Evidence, Floats, gather
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_training.progress.report import OnProgress, ignore_progress, tracked
from fieldwise_training.ranker.lesson import Lesson

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Example:
    """One form: the evidence of its n fields, int (n,) the class of each, float (n,) its weight in the loss.

    Where `is_rejected`, bool (n,), is true, the class is the one that the field does not have. A field of weight 0 is there as
    context for the others.
    """

    evidence: Evidence
    truth: Integers
    weight: Floats
    is_rejected: Mask


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`classes`: what can be predicted, `none` first; `ids`: all canonical ids of lexicon and index, with the negative ones."""

    classes: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def numbers(self) -> Mapping[str, int]:
        """The number of each id in the evidence, from 1; 0 is "no id"."""
        return {canonical: i + 1 for i, canonical in enumerate(self.ids)}


def vocabulary(canonical_ids: Sequence[str]) -> Vocabulary:
    """The vocabulary of the given ids, sorted. Negative ids have the class `none`."""
    ids = tuple(sorted(set(canonical_ids)))
    return Vocabulary(classes=(NOTHING, *(c for c in ids if not is_negative(c))), ids=ids)


def examples(
    lessons: Sequence[Lesson], words: Vocabulary, version: LoadedVersion, on_progress: OnProgress = ignore_progress
) -> list[Example]:
    """The forms as the input of the ranker of `version`, by the same steps as in production, for users who gave no feedback on them.

    All texts are embedded and searched in one batch.
    """
    views = [[FieldView(field) for field in lesson.fields] for lesson in lessons]
    every = [view for form in views for view in form]
    settled = [ruling for form in views for ruling in certain(form, version.lexicon)]
    found = iter(candidates(version, every, settled))
    pairs = tracked(on_progress, "forms read", list(zip(lessons, views, strict=True)))
    return [_example(lesson, gather(own, list(islice(found, len(own))), version.lexicon, words.numbers), words) for lesson, own in pairs]


def _example(lesson: Lesson, evidence: Evidence, words: Vocabulary) -> Example:
    position = {name: number for number, name in enumerate(words.classes)}
    return Example(
        evidence=evidence,
        truth=np.array([position[target.canonical] for target in lesson.targets], np.int64),
        weight=np.array([target.weight for target in lesson.targets], np.float32),
        is_rejected=np.array([target.is_rejected for target in lesson.targets], bool),
    )
