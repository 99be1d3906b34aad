"""Forms as arrays, made by the code that inference uses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import get_args

import numpy as np

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.questions import Question, questions
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence, Floats, gather
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_training.corpus import Whose
from fieldwise_training.progress.report import OnProgress, ignore_progress, tracked
from fieldwise_training.ranker.lesson import Lesson, Target

WHOSE: tuple[str, ...] = get_args(Whose)
"""Whose data a field can ask for, in the order of the ranker's output."""

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Example:
    """One form: the evidence of its n questions, int (n,) the class of each, float (n,) its weight in the loss.

    Where `is_rejected`, bool (n,), is true, the class is the one that the question does not have. One of weight 0 is there as
    context for the others. `whose`: int (n,), whose data it asks for, -1 if that is not known. `lesson`: the number of the form; two
    examples of one form are the same as clients send it that know more or less of its page.
    """

    evidence: Evidence
    truth: Integers
    weight: Floats
    is_rejected: Mask
    whose: Integers
    lesson: int


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

    A form with some of `CONTEXT_KEYS` becomes two examples, one of them without these keys. No field is settled by its `autocomplete`:
    the ranker must learn when to believe it. All texts are embedded and searched in one batch.
    """
    variants = [
        (number, variant) for number, lesson in enumerate(lessons) for variant in (lesson, lesson.without_context) if variant is not None
    ]
    asked = [questions([FieldView(field) for field in lesson.fields]) for _, lesson in variants]
    rows = [[question.view for question in form] for form in asked]
    settled = [ruling for form in rows for ruling in certain([_without_attribute(view) for view in form], version.lexicon)]
    found = iter(candidates(version, [view for form in rows for view in form], settled))
    pairs = tracked(on_progress, "forms read", list(zip(variants, asked, strict=True)))
    return [
        _example(number, [_target(question, lesson) for question in form], _gathered(form, found, version, words), words)
        for (number, lesson), form in pairs
    ]


def _without_attribute(view: FieldView) -> FieldView:
    return FieldView(view.field.model_copy(update={"autocomplete": ""})) if view.field.autocomplete else view


def _gathered(form: Sequence[Question], found: Iterator[Candidates], version: LoadedVersion, words: Vocabulary) -> Evidence:
    return gather([question.view for question in form], list(islice(found, len(form))), version.lexicon, words.numbers)


def _target(question: Question, lesson: Lesson) -> Target:
    """What is known of the question: what is known of any of its fields, unless they contradict each other."""
    known = [lesson.targets[member] for member in question.members if lesson.targets[member].weight > 0]
    if len({(target.canonical, target.is_rejected, target.whose) for target in known}) != 1:
        return Target()
    return max(known, key=lambda target: target.weight)


def _example(number: int, targets: Sequence[Target], evidence: Evidence, words: Vocabulary) -> Example:
    position = {name: number for number, name in enumerate(words.classes)}
    return Example(
        evidence=evidence,
        truth=np.array([position[target.canonical] for target in targets], np.int64),
        weight=np.array([target.weight for target in targets], np.float32),
        is_rejected=np.array([target.is_rejected for target in targets], bool),
        whose=np.array([WHOSE.index(target.whose) if target.whose else -1 for target in targets], np.int64),
        lesson=number,
    )
