"""A loaded version whose parts are timed and traced: the decision itself knows nothing of either."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldwise_common.observability import timed_part
from fieldwise_inference.classify.decide import LoadedVersion
from fieldwise_inference.classify.ranker.evidence import Evidence, Floats
from fieldwise_inference.classify.ranker.model import Ranker
from fieldwise_inference.classify.semantic import Encoder, Index, Neighbour, Vectors


def observed(version: LoadedVersion) -> LoadedVersion:
    """The same version; embedding, searching and ranking each show as a part of the invocation."""
    return replace(
        version,
        encoder=_ObservedEncoder(version.encoder),
        index=_ObservedIndex(version.index),
        ranker=_ObservedRanker(version.ranker) if version.ranker is not None else None,
    )


@dataclass(frozen=True, slots=True)
class _ObservedEncoder:
    inner: Encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        with timed_part("embed"):
            return self.inner.encode(texts)

    def embed(self, texts: Sequence[str]) -> Vectors:
        with timed_part("embed"):
            return self.inner.embed(texts)


@dataclass(frozen=True, slots=True)
class _ObservedIndex:
    inner: Index

    def search(self, vectors: Vectors, k: int) -> list[list[Neighbour]]:
        with timed_part("search"):
            return self.inner.search(vectors, k)


class _ObservedRanker(Ranker):
    """Shares everything with the ranker it stands for."""

    def __init__(self, inner: Ranker) -> None:
        self.__dict__.update(inner.__dict__)

    def probabilities(self, evidence: Evidence) -> Floats:
        with timed_part("rank"):
            return super().probabilities(evidence)
