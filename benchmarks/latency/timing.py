"""Times of answers: the things compared take turns, request by request, so that whatever else the machine does hits all alike."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.latency.figures import Spread, UsualForm
from benchmarks.latency.version import Opened

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import ClassifyRequest
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.candidates import candidates, needs_candidates
from fieldwise_inference.classify.ranker.decide import rank

Call = Callable[[ClassifyRequest], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of each call, by round and request."""

    rounds: Sequence[Sequence[float]]

    @property
    def spread(self) -> Spread:
        """Over all of them."""
        every = sorted(value for one in self.rounds for value in one)
        return Spread(median=round(statistics.median(every), 3), p95=round(every[int(0.95 * (len(every) - 1))], 3))


def in_turn(calls: Mapping[str, Call], requests: Sequence[ClassifyRequest], rounds: int) -> dict[str, Times]:
    """Every call on every request, `rounds` times, after a first pass that isn't timed; each round begins with another call."""
    names = list(calls)
    taken: dict[str, list[list[float]]] = {name: [[] for _ in range(rounds)] for name in names}
    for request in requests[:2]:
        for call in calls.values():
            call(request)
    for number in range(rounds):
        first = number % len(names)
        for request in requests:
            for name in names[first:] + names[:first]:
                begun = time.process_time()
                calls[name](request)
                taken[name][number].append(1000 * (time.process_time() - begun))
    return {name: Times(per_round) for name, per_round in taken.items()}


def usual_form(opened: Opened, requests: Sequence[ClassifyRequest], rounds: int) -> UsualForm:
    """The forms of usual size, and the parts of their answers."""
    version = opened.forgetful
    parts = {
        "with": lambda request: classify(version, request),
        "without": lambda request: classify(replace(version, ranker=None), request),
        "encoder": lambda request: version.encoder.encode(wanted_texts(version, request)),
    }
    times = in_turn(parts, requests, rounds)
    times |= in_turn({"remembered": lambda request: classify(opened.version, request)}, requests, rounds + 1)
    ranker = Times([[_ranker_alone(opened.version, request) for request in requests] for _ in range(rounds)])
    whole = [statistics.median(one) for one in times["with"].rounds]
    alone = [statistics.median(one) for one in ranker.rounds]
    without = [statistics.median(one) for one in times["without"].rounds]
    return UsualForm(
        fields=len(requests[0].fields),
        requests=len(requests),
        rounds=rounds,
        with_ranker=times["with"].spread,
        without_ranker=times["without"].spread,
        remembered=Times(times["remembered"].rounds[1:]).spread,
        encoder=times["encoder"].spread,
        encoded_texts=round(statistics.mean(len(wanted_texts(version, request)) for request in requests), 1),
        ranker=ranker.spread,
        ratio=round(statistics.median(one / other for one, other in zip(whole, without, strict=True)), 3),
        added=round(statistics.median(own / (one - own) for own, one in zip(alone, whole, strict=True)), 3),
    )


def beside(opened: Opened, request: ClassifyRequest, rounds: int) -> dict[str, float]:
    """One request with and without the ranker, texts never seen before: the medians."""
    version = opened.forgetful
    calls = {
        "with_ranker": lambda one: classify(version, one),
        "without_ranker": lambda one: classify(replace(version, ranker=None), one),
    }
    return {name: times.spread.median for name, times in in_turn(calls, [request], rounds).items()}


def wanted_texts(version: LoadedVersion, request: ClassifyRequest) -> list[str]:
    """The texts that are embedded on the way to the ranker."""
    views = [FieldView(field, place) for place, field in enumerate(request.fields)]
    return [view.text for view in views if needs_candidates(view, certain(view, version.lexicon), version.lexicon)]


def _ranker_alone(version: LoadedVersion, request: ClassifyRequest) -> float:
    """Milliseconds of evidence, network and rulings; what the steps before leave behind them is prepared untimed."""
    if version.ranker is None:
        raise CorruptVersion(f"{version.version} was made without a ranker")
    views = [FieldView(field, place) for place, field in enumerate(request.fields)]
    settled = [certain(view, version.lexicon) for view in views]
    found = candidates(version, views, settled)
    begun = time.process_time()
    ranked = rank(version.ranker, views, found, version.lexicon)
    for row in range(len(views)):
        ranked.ruling(row, version.thresholds.ranker)
    return 1000 * (time.process_time() - begun)
