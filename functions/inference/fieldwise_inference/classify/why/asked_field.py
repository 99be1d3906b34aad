"""The field to explain, and what the decision about it was made from; each part is computed when it is first needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fieldwise_common.wire_explain import Candidate
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.decide import AskedForm, rule
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import form_place
from fieldwise_inference.classify.known import NOTHING_KNOWN, Known, of_question
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.nearest import near_meanings
from fieldwise_inference.classify.questions import Question
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.decide import DIGITS, Ranked, allowed, rank
from fieldwise_inference.classify.ranker.evidence import Candidates, Floats
from fieldwise_inference.classify.ranker.features import LAYOUTS
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.without_ranker.dynamic_threshold import dynamic_threshold
from fieldwise_inference.classify.without_ranker.semantic import admitted, is_ambiguous


@dataclass(frozen=True, slots=True)
class RankedRow:
    """What the ranker predicts for one question.

    - ranked: its prediction for all questions of the form; row: which one it is.
    - mask: float32 (classes,), its row of `allowed`.
    - found: its candidates.
    """

    ranked: Ranked
    row: int
    mask: Floats
    found: Candidates

    @property
    def shape(self) -> Mapping[str, int]:
        """The columns of its shape in the evidence, by name."""
        columns = LAYOUTS[self.ranked.ranker.settings.features].shape
        return dict(zip(columns, map(int, self.ranked.evidence.shape[self.row]), strict=True))

    @property
    def probabilities(self) -> Mapping[str, float]:
        """By class, the likeliest first; 0..1, rounded as they are logged."""
        rounded = {name: self.ranked.probability(self.row, name) for name in self.ranked.ranker.settings.classes}
        return dict(sorted(rounded.items(), key=lambda item: -item[1]))


@dataclass(frozen=True)
class AskedField:
    """The field at one position of a form."""

    version: LoadedVersion
    form: AskedForm
    position: int

    @cached_property
    def ruling(self) -> Ruling:
        """The decision."""
        return rule(self.version, self.form.views, self.form.known, self.form.questions, self.form.place)[self.position]

    @cached_property
    def row(self) -> int | None:
        """The number of its question in the form; None for a field that people don't see, which belongs to none."""
        return next((row for row, question in enumerate(self.form.questions) if self.position in question.members), None)

    @cached_property
    def question(self) -> Question:
        """Its question."""
        return self.form.questions[self.row] if self.row is not None else Question((self.position,), self.form.views[self.position])

    @property
    def view(self) -> FieldView:
        """Its question as one field."""
        return self.question.view

    @cached_property
    def rows(self) -> Sequence[FieldView]:
        """The questions of the form, each as one field."""
        return [question.view for question in self.form.questions]

    @cached_property
    def known(self) -> Sequence[Known]:
        """What people said about each question."""
        return [of_question([self.form.known[member] for member in question.members]) for question in self.form.questions]

    @property
    def rejected(self) -> frozenset[str]:
        """The ids that people have rejected for it."""
        return self.known[self.row].rejected if self.row is not None else frozenset()

    @cached_property
    def settled(self) -> Sequence[Ruling | None]:
        """The questions that are certain without a model."""
        return certain(self.rows, self.version.lexicon, self.known)

    @cached_property
    def ranked(self) -> RankedRow | None:
        """None if the version has no ranker, or the field is in no question."""
        if self.version.ranker is None or self.row is None:
            return None
        found = candidates(self.version, self.rows, self.settled)
        rejected = [own.rejected for own in self.known]
        ranked = rank(self.version.ranker, self.rows, found, self.version.lexicon, rejected, self.form.place)
        [mask] = allowed([self.view], [self.rejected], self.version.ranker.settings.classes)
        return RankedRow(ranked, self.row, mask, found[self.row])

    @property
    def is_certain(self) -> bool:
        """Whether it is decided without a model (`certain`)."""
        return self.row is None or self.settled[self.row] is not None

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The ranker's classes, or without a ranker the nearest ids; each with its score and threshold, the likeliest first."""
        return self._by_probability(self.ranked) if self.ranked is not None else self._by_cosine()

    def _by_probability(self, ranked: RankedRow) -> tuple[Candidate, ...]:
        thresholds = self.version.thresholds.ranker
        return tuple(
            Candidate(canonical=name, score=probability, threshold_used=round(thresholds.of(name), DIGITS))
            for name, probability in ranked.probabilities.items()
        )

    def _by_cosine(self) -> tuple[Candidate, ...]:
        view, thresholds = self.view, self.version.thresholds
        [near] = near_meanings(self.version.encoder, self.version.index, [view], [bool(view.text)])
        nearest = admitted(view, near)
        is_close = is_ambiguous(nearest, thresholds)
        return tuple(
            Candidate(
                canonical=neighbour.canonical,
                score=min(max(neighbour.score, 0.0), 1.0),
                threshold_used=dynamic_threshold(view, neighbour.canonical, is_close, thresholds)[0],
            )
            for neighbour in nearest
        )

    def changed(self, **changes: object) -> Ruling:
        """What the decision would be with `changes` in the descriptions of its question's fields."""
        members = set(self.question.members)
        views = [
            FieldView(view.field.model_copy(update=changes)) if position in members else view
            for position, view in enumerate(self.form.views)
        ]
        return rule(self.version, views, self.form.known, place=form_place(views, self.form.origin))[self.position]

    def without_people(self) -> Ruling:
        """What the decision would be if nobody had said anything about its question."""
        members = set(self.question.members)
        known = [NOTHING_KNOWN if position in members else own for position, own in enumerate(self.form.known)]
        return rule(self.version, self.form.views, known, self.form.questions, self.form.place)[self.position]
