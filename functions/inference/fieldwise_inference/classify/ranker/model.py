"""The ranker's network, in numpy: a small convolutional tagger over the fields of a form.

A field's n-grams (summed vectors of hashed buckets, as in fastText: Joulin et al., 2016), its lexicon hits, nearest
meanings and shape are added up to one hidden vector; two residual convolutions over the form's fields let neighbours speak;
a soft-max over the meanings, sharpened or flattened by one fitted temperature (Guo et al., 2017, "On Calibration of
Modern Neural Networks"), gives the probabilities.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import CorruptVersion
from fieldwise_inference.classify.ranker.evidence import LEXICAL_VIEWS, VIEWS, Evidence, Floats
from fieldwise_inference.classify.ranker.ngrams import BUCKETS, Bags

WIDTH = 5
"""Fields a convolution sees: two before, the field, two after."""

EPSILON = 1e-5


class RankerSettings(BaseModel):
    """`ranker.json`: the meanings by number, and how sure to be."""

    model_config = ConfigDict(frozen=True)

    classes: tuple[str, ...]
    """What the ranker can answer: canonical ids, and `none`."""
    ids: tuple[str, ...]
    """The canonical ids, negatives among them, that the lexicon and the index may name; number i + 1 in the evidence."""
    temperature: float = Field(gt=0)
    members: int = Field(ge=1)
    """Networks whose probabilities are averaged."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One network. h: hidden width; d: width of an n-gram's vector; k: classes; m: ids + 1 (row 0: unknown)."""

    grams: NDArray[np.float16]  # (BUCKETS, d)
    views: Floats  # (len(VIEWS), d, h)
    lexical: Floats  # (len(LEXICAL_VIEWS), m, h)
    near: Floats  # (m, h)
    types: Floats  # (len(TYPES), h)
    maxlengths: Floats  # (22, h)
    options: Floats  # (16, h)
    label_runs: Floats  # (RUN_PLACES, h)
    name_runs: Floats  # (RUN_PLACES, h)
    bias: Floats  # (h,)
    norm: Floats  # (2, h): scale and shift
    around: Floats  # (2, WIDTH * h, h): the two convolutions
    around_bias: Floats  # (2, h)
    whole: Floats  # (h, h): what the form's mean adds
    whole_bias: Floats  # (h,)
    out: Floats  # (h, k)
    out_bias: Floats  # (k,)
    boosts: Floats  # (len(LEXICAL_VIEWS) + 1,): what a lexicon hit per view, and nearness, add to the class they name


def _summed(bags: Bags, table: NDArray[np.float16]) -> Floats:
    """float32 (n, d): each text's n-gram vectors, summed and divided by the root of their number; zeros for an empty text."""
    sums = np.zeros((len(bags.counts), table.shape[1]), np.float32)
    filled = np.flatnonzero(bags.counts)
    if len(filled):
        starts = (np.cumsum(bags.counts) - bags.counts)[filled]
        sums[filled] = np.add.reduceat(table[bags.buckets].astype(np.float32), starts, axis=0)
        sums[filled] /= np.sqrt(bags.counts[filled])[:, None]
    return sums


def _convolved(hidden: Floats, weights: Floats, bias: Floats) -> Floats:
    n, h = hidden.shape
    half = WIDTH // 2
    padded = np.zeros((n + 2 * half, h), np.float32)
    padded[half : half + n] = hidden
    windows: Floats = np.concatenate([padded[i : i + n] for i in range(WIDTH)], axis=1) @ weights + bias
    return windows


class Ranker:
    """Probabilities of every meaning for every field of a form."""

    def __init__(self, settings: RankerSettings, members: tuple[Weights, ...]) -> None:
        self.settings = settings
        self.numbers: Mapping[str, int] = {canonical: i + 1 for i, canonical in enumerate(settings.ids)}
        self._members = members
        position = {name: i for i, name in enumerate(settings.classes)}
        self._class_of = np.array([position[NOTHING], *(position.get(c, position[NOTHING]) for c in settings.ids)])

    def probabilities(self, evidence: Evidence) -> Floats:
        """float32 (n, classes), rows summing to 1."""
        if not len(evidence):
            return np.empty((0, len(self.settings.classes)), np.float32)
        shares: Floats = np.mean([self._member(weights, evidence) for weights in self._members], axis=0, dtype=np.float32)
        return shares

    def _member(self, w: Weights, e: Evidence) -> Floats:
        hidden = w.bias + w.types[e.shape[:, 0]] + w.maxlengths[e.shape[:, 1]] + w.options[e.shape[:, 2]]
        hidden = hidden + w.label_runs[e.shape[:, 3]] + w.name_runs[e.shape[:, 4]]
        for view, text_bags in enumerate(e.bags):
            hidden = hidden + _summed(text_bags, w.grams) @ w.views[view]
        for view in range(len(LEXICAL_VIEWS)):
            hidden = hidden + w.lexical[view][e.lexical[:, view]]
        hidden = hidden + (w.near[e.near] * e.nearness[:, :, None]).sum(axis=1)
        spread = hidden - hidden.mean(axis=1, keepdims=True)
        own = np.maximum(spread / np.sqrt((spread**2).mean(axis=1, keepdims=True) + EPSILON) * w.norm[0] + w.norm[1], 0)
        form = own.mean(axis=0) @ w.whole + w.whole_bias
        first = own + np.maximum(_convolved(own, w.around[0], w.around_bias[0]) + form, 0)
        second = first + np.maximum(_convolved(first, w.around[1], w.around_bias[1]), 0)
        return _softmax((second @ w.out + w.out_bias + self._boosted(w, e)) / self.settings.temperature)

    def _boosted(self, w: Weights, e: Evidence) -> Floats:
        """What lexicon hits and nearness add directly to the classes they name: knowledge that needs no training per class."""
        logits = np.zeros((len(e), len(self.settings.classes)), np.float32)
        rows = np.arange(len(e))
        for view in range(len(LEXICAL_VIEWS)):
            logits[rows, self._class_of[e.lexical[:, view]]] += w.boosts[view] * (e.lexical[:, view] > 0)
        logits[rows, self._class_of[e.near[:, 0]]] += w.boosts[-1] * e.nearness[:, 0]
        return logits


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def weights_from(arrays: Mapping[str, NDArray[np.generic]], member: int) -> Weights:
    """The weights of one member from the arrays of `ranker.npz`, whose keys are `<member>.<name>`. Raises KeyError."""
    named = {name: arrays[f"{member}.{name}"] for name in Weights.__dataclass_fields__}
    return Weights(**{name: a if name == "grams" else a.astype(np.float32) for name, a in named.items()})  # type: ignore[arg-type]


def load_ranker(settings: Path, weights: Path) -> Ranker:
    """Opens `ranker.json` and `ranker.npz` (plain arrays, never pickle). Raises CorruptVersion naming the file at fault."""
    try:
        read = RankerSettings.model_validate_json(settings.read_bytes())
    except ValidationError as error:
        raise CorruptVersion(f"ranker.json: {error.error_count()} wrong values") from error
    try:
        with np.load(weights, allow_pickle=False) as arrays:
            members = tuple(weights_from(arrays, member) for member in range(read.members))
    except (ValueError, KeyError, OSError) as error:
        raise CorruptVersion("ranker.npz can't be read") from error
    for one in members:
        fits = one.grams.shape[0] == BUCKETS and one.views.shape[0] == len(VIEWS)
        if not fits or one.out.shape[1] != len(read.classes) or one.near.shape[0] != len(read.ids) + 1 or NOTHING not in read.classes:
            raise CorruptVersion("ranker.npz does not fit ranker.json")
    return Ranker(read, members)
