"""How long a form takes with each variant: the variants alternate form by form, so that other load slows all alike."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fieldwise_common.wire import MlClassifyRequest
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ports import Encoder, Vectors


@dataclass(frozen=True, slots=True)
class Forgetful:
    """An encoder that caches nothing: every form is the first that its process sees."""

    encoder: Encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, d), as the encoder itself."""
        return self.encoder.embed(texts)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The same as `encode`."""
        return self.encoder.embed(texts)


def milliseconds(versions: Sequence[LoadedVersion], requests: Iterable[MlClassifyRequest]) -> list[float]:
    """Processor milliseconds a form, of each version: the mean over the requests, no text cached."""
    fresh = [replace(version, encoder=Forgetful(version.encoder)) for version in versions]
    times = []
    for number, request in enumerate(requests):
        order = np.roll(np.arange(len(fresh)), number)
        own = np.empty(len(fresh))
        for which in order:
            started = time.process_time()
            classify(fresh[which], request)
            own[which] = time.process_time() - started
        times.append(own)
    return [round(float(1e3 * one), 3) for one in np.mean(times, axis=0)]
