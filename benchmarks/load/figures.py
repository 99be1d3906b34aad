"""What came of a load: throughput, times, errors, and which version answered."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.load.generator import Answer
from pydantic import BaseModel, ConfigDict


class Figures(BaseModel):
    """Of one run, or of a stretch of it. Times in milliseconds, from when a request was due; None: there was no answer."""

    model_config = ConfigDict(frozen=True)

    requests: int
    answered: int
    errors: Mapping[str, int]
    """By status code or kind of failure."""
    per_second: float
    """Answers, over the time from the first request due to the last answer."""
    p50: float | None
    p99: float | None
    longest: float | None
    versions: Mapping[str, int]
    """Answers by version."""


class Load(BaseModel):
    """The whole run, and before, during and after the promotion. `mixed`: answers by the wrong version.

    changed: answers that differ from the first one about the same form, though the promoted version is a copy.
    """

    model_config = ConfigDict(frozen=True)

    rate: float
    seconds: float
    fields: int
    before: str
    promoted: str
    promotion_ms: float
    whole: Figures
    stretches: Mapping[str, Figures]
    mixed: int
    changed: int

    @property
    def is_good(self) -> bool:
        """Nothing was dropped, mixed or changed, and both versions answered."""
        return not (self.whole.errors or self.mixed or self.changed) and set(self.whole.versions) == {self.before, self.promoted}


def figures_of(answers: Sequence[Answer]) -> Figures:
    """Counts answers."""
    good = [answer for answer in answers if not answer.error]
    times = sorted(answer.milliseconds for answer in good)
    span = max(answer.finished for answer in answers) - min(answer.due for answer in answers) if answers else 0.0
    return Figures(
        requests=len(answers),
        answered=len(good),
        errors=dict(Counter(answer.error for answer in answers if answer.error)),
        per_second=len(good) / span if span else 0.0,
        p50=_percentile(times, 0.5),
        p99=_percentile(times, 0.99),
        longest=times[-1] if times else None,
        versions=dict(Counter(answer.version for answer in good)),
    )


def _percentile(times: Sequence[float], share: float) -> float | None:
    """The smallest time that at least `share` of them don't exceed."""
    return times[math.ceil(share * len(times)) - 1] if times else None


def stretches(answers: Sequence[Answer], began: float, ended: float) -> dict[str, Figures]:
    """The answers by when they were due: before the promotion, while it was made, and after it."""
    parts = {
        "before": [answer for answer in answers if answer.due < began],
        "during": [answer for answer in answers if began <= answer.due <= ended],
        "after": [answer for answer in answers if answer.due > ended],
    }
    return {name: figures_of(part) for name, part in parts.items()}


def mixed(answers: Sequence[Answer], before: str, promoted: str, began: float, ended: float) -> int:
    """Answers by the wrong version: by the new one before the promotion began, by the old one to a request due after it ended."""
    wrong = 0
    for answer in answers:
        if answer.error:
            continue
        allowed = {before} if answer.finished < began else {promoted} if answer.due > ended else {before, promoted}
        wrong += answer.version not in allowed
    return wrong


def changed(answers: Sequence[Answer], forms: int) -> int:
    """Answers unlike the first one about the same form. `answers` are in the order of their requests, which take turns with the forms."""
    first: dict[int, Answer] = {}
    good = ((number % forms, answer) for number, answer in enumerate(answers) if not answer.error)
    return sum(first.setdefault(form, answer).matches != answer.matches for form, answer in good)
