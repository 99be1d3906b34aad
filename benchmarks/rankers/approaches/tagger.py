"""The form tagger that production runs: fitted in torch as a training run does it, run in numpy as inference does it."""

import io
from collections.abc import Sequence

import numpy as np
from benchmarks.rankers.forms import Shown

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.model import Ranker, RankerSettings
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_training.ranker.batches import pack
from fieldwise_training.ranker.build import fit_members
from fieldwise_training.ranker.examples import Example, Vocabulary
from fieldwise_training.ranker.plan import Plan


class Tagger:
    """`members` networks, their probabilities averaged."""

    varies = True

    def __init__(self, members: int) -> None:
        self._members = members

    def learn(self, taught: Sequence[Shown], words: Vocabulary) -> None:
        """Fits with the epochs of a training run."""
        packed = pack([Example(form.evidence, form.truth) for form in taught])
        networks = fit_members(words, packed, self._members, Plan().epochs)
        arrays = {f"{seed}.{name}": array for seed, network in enumerate(networks) for name, array in network.arrays().items()}
        settings = RankerSettings(classes=words.classes, ids=words.ids, temperature=1.0, members=self._members)
        self._ranker = Ranker(settings, tuple(weights_from(arrays, seed) for seed in range(self._members)))
        with io.BytesIO() as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
            self._bytes = len(file.getvalue())

    def probabilities(self, form: Shown) -> Floats:
        """float32 (n, classes)."""
        return self._ranker.probabilities(form.evidence)

    @property
    def size(self) -> int:
        """Bytes of `ranker.npz`."""
        return self._bytes
