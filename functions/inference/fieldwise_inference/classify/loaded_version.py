"""One model version in memory."""

from dataclasses import dataclass

from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Encoder, Index
from fieldwise_inference.classify.ranker.ranker import Ranker
from fieldwise_inference.classify.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """The parts of a version that decisions are made with."""

    version: str
    encoder: Encoder
    index: Index
    lexicon: Lexicon
    thresholds: Thresholds
    ranker: Ranker | None = None
    """None in a version built without a ranker: `without_ranker` then decides."""
    encoder_precision: str = ""
    """See `serving.precision`."""
    encoder_caveat: str | None = None
    """A warning about the encoder, shown by `/health`."""
