"""Authored forms as arrays, made by the code that inference uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.evidence import Evidence, gather
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_training.corpus import Form
from fieldwise_training.progress.report import OnProgress, ignore_progress, tracked


@dataclass(frozen=True, slots=True)
class Example:
    """One form: the evidence of its n fields, and int (n,) the class of each."""

    evidence: Evidence
    truth: Integers


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


def examples(forms: Sequence[Form], words: Vocabulary, version: LoadedVersion, on_progress: OnProgress = ignore_progress) -> list[Example]:
    """The forms as the input of the ranker of `version`, by the same steps as in production.

    All texts are embedded and searched in one batch.
    """
    views = [[FieldView(field) for field in form.request().fields] for form in forms]
    every = [view for form in views for view in form]
    found = iter(candidates(version, every, [certain(view) for view in every]))
    pairs = tracked(on_progress, "forms read", list(zip(forms, views, strict=True)))
    return [
        Example(gather(own, list(islice(found, len(own))), version.lexicon, words.numbers), np.array(_truth(form, words), np.int64))
        for form, own in pairs
    ]


def _truth(form: Form, words: Vocabulary) -> list[int]:
    position = {name: number for number, name in enumerate(words.classes)}
    return [position[NOTHING if is_negative(field.truth) else field.truth] for field in form.fields]
