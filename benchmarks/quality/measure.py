"""Every form is classified as one request and filled from the example profile; each field's decision is paired with its truth."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.shared.truth import TruthField, equivalent

from fieldwise_common.canonical import NOTHING, wire_id
from fieldwise_common.wire import Decision, Match, MlClassifyRequest, MlFillRequest, Outcome
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.fill.dispatch import fill


@dataclass(frozen=True, slots=True)
class Result:
    """What was decided about a field. `in_vocabulary`: whether the truth could have been the id that the decision names."""

    field: TruthField
    outcome: Outcome
    method: str
    named: str
    """The id that the decision names, accepted or not: `none` for a negative one, "" when it names none."""
    score: float
    in_vocabulary: bool
    signals: tuple[str, ...] = ()
    entry: int | None = None
    """As in the match."""
    value: str | None = None
    """What a client writes into the field; None: it leaves it as it is."""

    @property
    def predicted(self) -> str:
        """What the field counts as: the named id if it was accepted and is in the vocabulary, else `none`."""
        return self.named if self.outcome == "accepted" and self.in_vocabulary else NOTHING

    @property
    def could_be_filled(self) -> bool:
        """Whether a lower threshold on the score would fill the field, if it isn't filled already."""
        return self.outcome in {"accepted", "unsure"} and self.in_vocabulary and self.named not in {"", NOTHING}

    @property
    def names_truth(self) -> bool:
        """Whether the named id is the truth or equivalent to it."""
        return equivalent(self.named, self.field.truth) or self.named in self.field.accepted


@dataclass(frozen=True, slots=True)
class Classified:
    """The results of one form, and the seconds that its decision took."""

    results: tuple[Result, ...]
    seconds: float


def classified(
    version: LoadedVersion, forms: Iterable[Sequence[TruthField]], vocabulary: frozenset[str], profile: Mapping[str, str]
) -> Iterator[Classified]:
    """Each form in turn, decided as inference and the gate decide it, and its matches filled from a flat profile."""
    for fields in forms:
        request = MlClassifyRequest(fields=tuple(field.descriptor for field in fields))
        started = time.perf_counter()
        response = classify(version, request)
        seconds = time.perf_counter() - started
        filled = fill(MlFillRequest(user_profile=dict(profile), matches=response.matches), version.encoder)
        values = {one.selector: one.value for one in filled.fills}
        yield Classified(results(fields, response.decisions, vocabulary, response.matches, values), seconds)


def results(
    fields: Iterable[TruthField],
    decisions: Iterable[Decision],
    vocabulary: frozenset[str],
    matches: Iterable[Match] = (),
    values: Mapping[str, str] | None = None,
) -> tuple[Result, ...]:
    """The fields of one form with their decisions, their entries and their values, matched by selector."""
    by_selector = {decision.selector: decision for decision in decisions}
    entries = {match.selector: match.entry for match in matches}
    selectors = [(field, field.descriptor.selector) for field in fields]
    return tuple(
        _result(field, by_selector[selector], vocabulary, entries.get(selector), (values or {}).get(selector))
        for field, selector in selectors
    )


def _result(field: TruthField, decision: Decision, vocabulary: frozenset[str], entry: int | None, value: str | None) -> Result:
    named = wire_id(decision.predicted)
    return Result(
        field,
        decision.decision,
        decision.method,
        named,
        decision.score,
        named in vocabulary | {"", NOTHING},
        decision.confidence_signals,
        entry,
        value,
    )
