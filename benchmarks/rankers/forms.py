"""Forms as the steps before the ranker leave them: the views of every field and the meanings near its text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from benchmarks.quality.truth.fields import TruthField

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.decide import LoadedVersion, near_meanings, wants_nearness
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.ranker.evidence import Evidence, gather
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_inference.classify.semantic import Neighbour
from fieldwise_training.corpus import Form
from fieldwise_training.ranker.examples import Vocabulary


@dataclass(frozen=True)
class Shown:
    """One form. `evidence` is gathered when it is first asked for, so that whoever needs it pays for it."""

    fields: tuple[TruthField, ...]
    views: tuple[FieldView, ...]
    near: Sequence[Sequence[Neighbour]]
    words: Vocabulary
    version: LoadedVersion

    @cached_property
    def evidence(self) -> Evidence:
        """The real ranker's arrays."""
        return gather(self.views, self.near, self.version.lexicon, self.words.numbers)

    @cached_property
    def truth(self) -> Integers:
        """Int (n,): the number of each field's true class; `none` for an id that is no class."""
        number = {canonical: place for place, canonical in enumerate(self.words.classes)}
        return np.array([number.get(field.truth, number[NOTHING]) for field in self.fields], np.int64)

    def unread(self) -> "Shown":
        """The same form with nothing computed yet, for timing."""
        return replace(self, views=tuple(FieldView(view.field, view.position) for view in self.views))


def show(fields: Sequence[TruthField], words: Vocabulary, version: LoadedVersion) -> Shown:
    """A form through the steps before the ranker."""
    views = tuple(FieldView(field.descriptor, place) for place, field in enumerate(fields))
    near = near_meanings(version.encoder, version.index, views, [wants_nearness(view, version.lexicon) for view in views])
    return Shown(tuple(fields), views, near, words, version)


def truth_fields(form: Form) -> tuple[TruthField, ...]:
    """An authored form, as measuring wants it; its kind stands for its source."""
    described = zip(form.fields, form.request().fields, strict=True)
    return tuple(
        TruthField(place, form.site, form.kind, form.lang, NOTHING if is_negative(one.truth) else one.truth, descriptor)
        for place, (one, descriptor) in enumerate(described)
    )


def as_captured(fields: Iterable[TruthField]) -> tuple[TruthField, ...]:
    """The form as an old captured page shows it: labels and names alone."""
    return tuple(
        replace(one, descriptor=FieldDescriptor(selector=one.descriptor.selector, label=one.descriptor.label, name=one.descriptor.name))
        for one in fields
    )
