"""A loaded version whose parts are timed and traced, so that the decision itself needs no metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fieldwise_common.observability import timed_part
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder, Index, Neighbour, Vectors
from fieldwise_inference.classify.ranker.evidence import Evidence
from fieldwise_inference.classify.ranker.ranker import Prediction, Ranker, RankerSettings


def instrumented(version: LoadedVersion) -> LoadedVersion:
    """The same version; embedding, searching and ranking each become a subsegment and a metric of the invocation."""
    return replace(
        version,
        encoder=_TimedEncoder(version.encoder),
        index=_TimedIndex(version.index),
        ranker=_TimedRanker(version.ranker) if version.ranker is not None else None,
    )


@dataclass(frozen=True, slots=True)
class _TimedEncoder:
    inner: Encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        with timed_part("embed"):
            return self.inner.encode(texts)

    def embed(self, texts: Sequence[str]) -> Vectors:
        with timed_part("embed"):
            return self.inner.embed(texts)


@dataclass(frozen=True, slots=True)
class _TimedIndex:
    inner: Index

    def search(self, vectors: Vectors, k: int) -> list[list[Neighbour]]:
        with timed_part("search"):
            return self.inner.search(vectors, k)


@dataclass(frozen=True, slots=True)
class _TimedRanker:
    inner: Ranker

    @property
    def settings(self) -> RankerSettings:
        return self.inner.settings

    @property
    def numbers(self) -> Mapping[str, int]:
        return self.inner.numbers

    def predict(self, evidence: Evidence) -> Prediction:
        with timed_part("rank"):
            return self.inner.predict(evidence)
