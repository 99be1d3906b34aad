"""What every approach must do."""

from collections.abc import Sequence
from typing import Protocol

from benchmarks.rankers.forms import Shown

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_training.ranker.examples import Vocabulary


class Approach(Protocol):
    """Learns from forms what fields mean."""

    def learn(self, taught: Sequence[Shown], words: Vocabulary) -> None:
        """Fits on the forms; all of them once as they are and once as an old captured page shows them, unless it varies them itself."""

    def probabilities(self, form: Shown) -> Floats:
        """float32 (n fields, len(words.classes)), rows summing to 1, not calibrated yet."""

    @property
    def size(self) -> int:
        """Bytes that a version would carry for it."""

    @property
    def varies(self) -> bool:
        """Whether it varies the forms itself and wants them but once."""
