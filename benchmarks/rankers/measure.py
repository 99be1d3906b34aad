"""Each approach fitted, calibrated, measured on every part, and timed."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from benchmarks.latency.forms import USUAL_FIELDS
from benchmarks.quality.measure.calibration import calibration
from benchmarks.quality.measure.curve import curve
from benchmarks.quality.measure.figures import figures_of
from benchmarks.quality.measure.judged import Judged
from benchmarks.rankers.approaches.approach import Approach
from benchmarks.rankers.calibrated import calibrated
from benchmarks.rankers.figures import PRECISE, Measured, Part
from benchmarks.rankers.forms import Shown

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.decide import rule
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_training.ranker.examples import Vocabulary

TIMED = 60
NO_RANKER = "no-ranker"
Rulings = Callable[[Shown], Sequence[Ruling]]


def measure_approach(
    name: str,
    approach: Approach,
    taught: Sequence[Shown],
    calibrating: Sequence[Shown],
    parts: Mapping[str, Sequence[Shown]],
    vocabularies: Mapping[str, frozenset[str]],
    words: Vocabulary,
) -> Measured:
    """`vocabularies`: per part, the ids a prediction is judged by."""
    begun = time.process_time()
    approach.learn(taught, words)
    seconds = time.process_time() - begun
    ready = calibrated(approach, calibrating)
    return Measured(
        approach=name,
        fit_seconds=round(seconds, 1),
        megabytes=round(approach.size / 1e6, 1),
        form_ms=_timed(approach.probabilities, parts),
        parts={part: assess(ready.rulings, forms, vocabularies[part]) for part, forms in parts.items()},
    )


def measure_steps(parts: Mapping[str, Sequence[Shown]], vocabularies: Mapping[str, frozenset[str]]) -> Measured:
    """The lexical and semantic steps by themselves, with their hand-set thresholds."""
    return Measured(
        approach=NO_RANKER,
        fit_seconds=0,
        megabytes=0,
        form_ms=_timed(_by_steps, parts),
        parts={part: assess(_by_steps, forms, vocabularies[part]) for part, forms in parts.items()},
    )


def _by_steps(form: Shown) -> list[Ruling]:
    return rule(form.version, form.views)


def assess(rulings: Rulings, forms: Sequence[Shown], vocabulary: frozenset[str]) -> Part:
    """The figures of every field of the forms."""
    judged = [_judged(form, row, ruling, vocabulary) for form in forms for row, ruling in enumerate(rulings(form))]
    found = figures_of(judged)
    precise = [point.recall for point in curve(judged) if point.recall is not None and (point.precision or 0) >= PRECISE]
    own = [one for one in judged if one.method not in {"type", "autocomplete", "none"}]
    return Part(
        fields=len(judged),
        recall=found.recall.value,
        precision=found.precision.value,
        false_fill=found.false_fill.value,
        overall=found.overall.value,
        recall_when_precise=max(precise, default=None),
        calibration_error=calibration(own).expected_error,
    )


def _judged(form: Shown, row: int, ruling: Ruling, vocabulary: frozenset[str]) -> Judged:
    named = NOTHING if is_negative(ruling.canonical) else ruling.canonical
    return Judged(form.fields[row], ruling.outcome, ruling.method, named, ruling.score, named in vocabulary | {"", NOTHING})


def _timed(answer: Callable[[Shown], object], parts: Mapping[str, Sequence[Shown]]) -> float:
    """The median milliseconds of one answer, over forms of about the usual size, scaled to exactly that; vectors are known."""
    forms = [form for part in parts.values() for form in part if abs(len(form.fields) - USUAL_FIELDS) <= USUAL_FIELDS // 3][:TIMED]
    taken = []
    for form in forms:
        unread = form.unread()
        begun = time.process_time()
        answer(unread)
        taken.append(1000 * (time.process_time() - begun) * USUAL_FIELDS / len(form.fields))
    return round(statistics.median(taken), 2) if taken else 0.0
