"""One model version in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldwise_common.canonical import NOTHING
from fieldwise_common.store.overrides import Override
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Encoder, Index
from fieldwise_inference.classify.ranker.ranker import Ranker
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswers
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
    sites: SiteAnswers = NO_SITES
    overrides: Mapping[str, Mapping[str, Override]] = field(default_factory=dict)
    """By site and signature. Not a part of the version: the holder adds those in force."""
    encoder_precision: str = ""
    """See `serving.precision`."""
    encoder_caveat: str | None = None
    """A warning about the encoder, shown by `/health`."""

    @property
    def ids(self) -> frozenset[str]:
        """Every canonical id that it knows, negative ones included."""
        return self.lexicon.ids | frozenset(self.ranker.settings.ids if self.ranker is not None else ())

    def knows(self, canonical: str) -> bool:
        """Whether it knows a canonical id; `none` is always known."""
        in_ranker = self.ranker is not None and canonical in self.ranker.numbers
        return canonical == NOTHING or in_ranker or canonical in self.lexicon.ids

    def overrides_of(self, site: str) -> Mapping[str, Override]:
        """By signature, the overrides for the fields of a site."""
        return self.overrides.get(site, {})
