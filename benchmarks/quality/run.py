"""Every form through inference, every field judged."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.quality.measure.judged import Judged, judge
from benchmarks.quality.measure.quality import Quality, assess
from benchmarks.quality.serving.inference import running_inference
from benchmarks.quality.truth.fields import TruthField, TruthSet

Form = tuple[TruthField, ...]
Watch = Callable[[Sequence[Form]], Iterable[Form]]
"""Hands the forms on one by one, and may show how far it is."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured, and what it was measured from."""

    quality: Quality
    judged: tuple[Judged, ...]


def measure(truth: TruthSet, store: str, watch: Watch) -> Run:
    """One request a form, in the order of the file.

    Raises ModelError, StoreError or SettingsError when nothing can be served from `store`, InferenceUnavailable when a form is refused.
    """
    judged: list[Judged] = []
    seconds: list[float] = []
    with running_inference(store) as inference:
        inference.classify(truth.forms[0])  # the first request fetches the issuer's keys: it is not timed
        for form in watch(truth.forms):
            answered = inference.classify(form)
            seconds.append(answered.seconds)
            judged.extend(judge(form, answered.response.decisions, truth.vocabulary))
        return Run(assess(truth.name, inference.version, judged, seconds), tuple(judged))
