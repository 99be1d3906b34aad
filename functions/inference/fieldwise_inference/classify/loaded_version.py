"""One model version in memory."""

from dataclasses import dataclass

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Encoder, Index
from fieldwise_inference.classify.ranker.ranker import Ranker
from fieldwise_inference.classify.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """Everything a decision needs of a version, and nothing else."""

    version: str
    encoder: Encoder
    index: Index
    lexicon: Lexicon
    thresholds: Thresholds
    ranker: Ranker | None = None
    """None in a version made without one: `without_ranker` then decides."""
    encoder_precision: str = ""
    """The precision of its encoder."""
    encoder_caveat: str | None = None
    """A warning about its encoder, for health."""
