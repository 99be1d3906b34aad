"""A version with and without its encoder and lexicon, each with rankers trained for what it reads."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from benchmarks.shared.training import TrainingForms, gather

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder, Neighbour, Vectors
from fieldwise_training.corpus import Form
from fieldwise_training.progress.report import OnProgress, ignore_progress
from fieldwise_training.ranker.plan import Plan

AS_IS = "as it is"
NOT_SERVED = "nearness switched off in serving"
WITHOUT = "trained without an encoder"
NGRAMS = "n-grams alone: no encoder, no lexicon"


class NoEncoder:
    """Embeds nothing: vectors without a component."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, 0)."""
        return np.empty((len(texts), 0), np.float32)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The same as `encode`."""
        return self.encode(texts)


class NoIndex:
    """Finds nothing, whatever is searched."""

    def search(self, vectors: Vectors, k: int) -> list[list[Neighbour]]:  # noqa: ARG002 the interface has it
        """An empty list for each row."""
        return [[] for _ in vectors]


def without_encoder(version: LoadedVersion) -> LoadedVersion:
    """The version with no text embedded: no field has a nearest id."""
    return replace(version, encoder=NoEncoder(), index=NoIndex())


def without_lexicon(version: LoadedVersion) -> LoadedVersion:
    """The version with an empty lexicon, which therefore recognises no traps either."""
    return replace(version, lexicon=Lexicon())


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to decide: one version for each training of its ranker, all with the same encoder, index and lexicon.

    encoder: that of all of them, without the vectors that they remember.
    """

    name: str
    runs: tuple[LoadedVersion, ...]
    encoder: Encoder

    @property
    def unprepared(self) -> LoadedVersion:
        """The first run's version as it is loaded by a new process."""
        return replace(self.runs[0], encoder=self.encoder)


def variants(
    version: LoadedVersion,
    others: Iterable[LoadedVersion],
    forms: Sequence[Form],
    canonical_ids: Iterable[str],
    runs: int,
    plan: Plan,
    on_step: Callable[[str], None] = lambda _: None,
    on_progress: OnProgress = ignore_progress,
) -> list[Variant]:
    """All variants; the version as it is comes first, and nearness is only switched off for the very rankers of that one.

    `others`: versions with another encoder. `runs`: trainings of each variant, with other seeds.
    """
    known = sorted(canonical_ids)

    def trained(name: str, read: LoadedVersion) -> Variant:
        on_step(f"reading the forms: {name}")
        gathered: TrainingForms = gather(read, forms, known, on_progress)
        made = []
        for run in range(runs):
            on_step(f"training {run + 1} of {runs}: {name}")
            made.append(gathered.trained(plan=plan, first_seed=run * plan.members, on_progress=on_progress))
        return Variant(name, tuple(made), read.encoder)

    as_is = trained(AS_IS, version)
    return [
        as_is,
        Variant(NOT_SERVED, tuple(map(without_encoder, as_is.runs)), NoEncoder()),
        trained(WITHOUT, without_encoder(version)),
        trained(NGRAMS, without_lexicon(without_encoder(version))),
        *(trained(f"with the encoder of {other.version}", other) for other in others),
    ]
