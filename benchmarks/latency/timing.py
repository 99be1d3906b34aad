"""Times of answers. What is compared is run alternately, request by request, so that other load on the machine slows all alike."""

import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from benchmarks.latency.requests import bare, cut_to_size, described, largest_form, many_options
from benchmarks.shared.forms import held_out_forms
from benchmarks.shared.store import open_published
from pydantic import BaseModel, ConfigDict

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import MlClassifyRequest
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.decide import classify, texts_to_embed
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder, Vectors
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.decide import rank


class Frozen(BaseModel):
    """Base of the figures: immutable. Times are milliseconds, medians over requests and rounds unless said otherwise."""

    model_config = ConfigDict(frozen=True)


class Spread(Frozen):
    """One thing timed many times."""

    median: float
    p95: float


class UsualForm(Frozen):
    """A form of usual size, with texts the process has never seen."""

    fields: int
    requests: int
    rounds: int
    with_ranker: Spread
    without_ranker: Spread
    cached: Spread
    """With the ranker, the vector of every text being cached."""
    encoder: Spread
    """Embedding alone, of the texts whose nearest synonyms the ranker needs."""
    encoded_texts: float
    """How many those are, per form, on average."""
    ranker: Spread
    """Evidence, network and rulings alone."""
    ratio: float
    """With the ranker, divided by without it: the median over rounds of the rounds' ratios."""
    added: float
    """The ranker's own time, divided by the rest of the same answer; likewise."""


class Against(Frozen):
    """The ranker's own time beside that of another version's, by kind of form: milliseconds, and the median over rounds of the ratios."""

    model_version: str
    ours: Mapping[str, float]
    theirs: Mapping[str, float]
    ratios: Mapping[str, float]


class ColdStart(Frozen):
    """A fresh process up to its first two answers."""

    interpreter: float
    imports: float
    fetch: float
    """Copying the files out of the store and checking them against the manifest."""
    open: float
    first_answer: float
    second_answer: float


class Latency(Frozen):
    """Everything that was measured of one version."""

    model_version: str
    python: str
    usual_form: UsualForm
    largest_form: Mapping[str, float]
    many_options: Mapping[str, float]
    cold_start: ColdStart
    against: Against | None = None
    megabytes: Mapping[str, float]
    """Size in the store of each served file (1 MB = 10**6 bytes)."""


class UncachedEncoder:
    """Every text is new to it; one that is repeated within a call is embedded once, as in production."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), as the encoder's own, bypassing its cache."""
        distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        if not distinct:
            return self._encoder.encode([])
        vectors: Vectors = self._encoder.embed(list(distinct))[np.array([distinct[text] for text in texts])]
        return vectors

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's own."""
        return self._encoder.embed(texts)


def uncached(version: LoadedVersion) -> LoadedVersion:
    """The same version with an encoder that caches no text."""
    return replace(version, encoder=UncachedEncoder(version.encoder))


def measure(store: str, forms: int, rounds: int, against: str = "") -> Latency:
    """Everything, one thing after the other. `forms`: how many of usual size. `against`: a store with another version, or "".

    Raises ModelError (also for a version without a ranker), StoreError or SettingsError.
    """
    opened = open_published(store)
    version = opened.version
    if version.ranker is None:
        raise CorruptVersion(f"{version.version} was made without a ranker: there is nothing to compare")
    held_out = held_out_forms()
    cut = cut_to_size(held_out)
    usual = cut[:: max(1, len(cut) // forms)][:forms]
    return Latency(
        model_version=version.version,
        python=platform.python_version(),
        usual_form=usual_form(version, usual, rounds),
        largest_form=with_and_without_ranker(version, largest_form(held_out), rounds),
        many_options=with_and_without_ranker(version, many_options(), rounds),
        cold_start=cold_start(store, usual[0], rounds),
        against=ranker_against(version, open_published(against).version, usual, rounds) if against else None,
        megabytes={name: round(size / 1e6, 2) for name, size in sorted(opened.sizes.items())},
    )


Call = Callable[[MlClassifyRequest], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one call, by round and request."""

    rounds: Sequence[Sequence[float]]

    @property
    def spread(self) -> Spread:
        """Over all of them."""
        every = sorted(value for one in self.rounds for value in one)
        return Spread(median=round(statistics.median(every), 3), p95=round(every[int(0.95 * (len(every) - 1))], 3))

    @property
    def medians(self) -> list[float]:
        """Of each round."""
        return [statistics.median(one) for one in self.rounds]


def alternately(calls: Mapping[str, Call], requests: Sequence[MlClassifyRequest], rounds: int) -> dict[str, Times]:
    """Times every call on every request, `rounds` times, after an untimed warm-up; each round starts with another call."""
    names = list(calls)
    taken: dict[str, list[list[float]]] = {name: [[] for _ in range(rounds)] for name in names}
    for request in requests[:2]:
        for call in calls.values():
            call(request)
    for number in range(rounds):
        first = number % len(names)
        for request in requests:
            for name in names[first:] + names[:first]:
                started = time.process_time()
                calls[name](request)
                taken[name][number].append(1000 * (time.process_time() - started))
    return {name: Times(per_round) for name, per_round in taken.items()}


def usual_form(version: LoadedVersion, requests: Sequence[MlClassifyRequest], rounds: int) -> UsualForm:
    """The forms of usual size, and the parts of their answers."""
    fresh = uncached(version)
    texts = [texts_to_embed(version, request.fields) for request in requests]
    calls = {
        "with": lambda request: classify(fresh, request),
        "without": lambda request: classify(replace(fresh, ranker=None), request),
        "encoder": lambda request: fresh.encoder.encode(texts_to_embed(fresh, request.fields)),
    }
    times = alternately(calls, requests, rounds)
    cached = alternately({"cached": lambda request: classify(version, request)}, requests, rounds + 1)["cached"]
    ranker = Times([[_ranker_alone(version, request) for request in requests] for _ in range(rounds)])
    pairs = list(zip(times["with"].medians, times["without"].medians, strict=True))
    return UsualForm(
        fields=len(requests[0].fields),
        requests=len(requests),
        rounds=rounds,
        with_ranker=times["with"].spread,
        without_ranker=times["without"].spread,
        cached=Times(cached.rounds[1:]).spread,
        encoder=times["encoder"].spread,
        encoded_texts=round(statistics.mean(map(len, texts)), 1),
        ranker=ranker.spread,
        ratio=round(statistics.median(whole / without for whole, without in pairs), 3),
        added=round(statistics.median(own / (whole - own) for own, (whole, _) in zip(ranker.medians, pairs, strict=True)), 3),
    )


def ranker_against(version: LoadedVersion, other: LoadedVersion, requests: Sequence[MlClassifyRequest], rounds: int) -> Against:
    """The rankers of two versions on the same forms, alternately; each form once with and once without what stands around its fields."""
    ours, theirs, ratios = {}, {}, {}
    for kind, shape in (("nothing around the fields", bare), ("everything around them", described)):
        shaped = list(map(shape, requests))
        taken: dict[str, list[list[float]]] = {"ours": [], "theirs": []}
        for number in range(rounds + 1):  # the first one warms up
            order = [("ours", version), ("theirs", other)][:: 1 if number % 2 else -1]
            times = [{name: _ranker_alone(one, request) for name, one in order} for request in shaped]
            for name in taken:
                taken[name].append([time[name] for time in times])
        one, two = (Times(taken[name][1:]) for name in ("ours", "theirs"))
        ours[kind], theirs[kind] = one.spread.median, two.spread.median
        ratios[kind] = round(statistics.median(a / b for a, b in zip(one.medians, two.medians, strict=True)), 3)
    return Against(model_version=other.version, ours=ours, theirs=theirs, ratios=ratios)


def with_and_without_ranker(version: LoadedVersion, request: MlClassifyRequest, rounds: int) -> dict[str, float]:
    """The medians of one request, its texts never seen before."""
    fresh = uncached(version)
    calls = {
        "with_ranker": lambda one: classify(fresh, one),
        "without_ranker": lambda one: classify(replace(fresh, ranker=None), one),
    }
    return {name: times.spread.median for name, times in alternately(calls, [request], rounds).items()}


def _ranker_alone(version: LoadedVersion, request: MlClassifyRequest) -> float:
    """Milliseconds of evidence, network and rulings; the steps before are run untimed."""
    if version.ranker is None:
        raise CorruptVersion(f"{version.version} was made without a ranker")
    views = [FieldView(field) for field in request.fields]
    found = candidates(version, views, certain(views, version.lexicon))
    started = time.process_time()
    ranked = rank(version.ranker, views, found, version.lexicon, [()] * len(views))
    for row in range(len(views)):
        ranked.ruling(row, version.thresholds.ranker)
    return 1000 * (time.process_time() - started)


def cold_start(store: str, request: MlClassifyRequest, times: int) -> ColdStart:
    """The medians of several fresh processes, one after the other. Raises CorruptVersion when one fails."""
    runs = [_fresh_process(store, request.model_dump_json()) for _ in range(times)]
    return ColdStart(**{part: round(statistics.median(run[part] for run in runs), 1) for part in ColdStart.model_fields})


def _fresh_process(store: str, request: str) -> Mapping[str, float]:
    command = [sys.executable, "-m", "benchmarks.latency.first_answer", store]
    started = time.time()
    done = subprocess.run(command, input=request, capture_output=True, text=True, check=False)  # noqa: S603  # our own module
    if done.returncode:
        raise CorruptVersion(f"a fresh process failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    parts = json.loads(done.stdout)
    return {**parts, "interpreter": 1000 * (parts["started"] - started)}
