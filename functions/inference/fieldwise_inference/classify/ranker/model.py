"""The ranker's network, in numpy: a small convolutional tagger over the fields of a form.

Embeddings of a field's n-grams (summed over hashed buckets, as in fastText: Joulin et al., 2016), lexicon matches, nearest
ids and shape are added up to one hidden vector per field. Two residual convolutions over the fields of the form, and mean
pooling over the form and over blocks of fields, add context. A softmax over the classes and one over whose field it is,
calibrated by temperature scaling (Guo et al., 2017, "On Calibration of Modern Neural Networks"), give the probabilities; the
members of an ensemble are averaged.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_inference.classify.ranker.evidence import Evidence, Floats
from fieldwise_inference.classify.ranker.features import LAYOUTS
from fieldwise_inference.classify.ranker.ngrams import BUCKETS, Integers, bags
from fieldwise_inference.classify.ranker.owners import EARLIER, SELF, own
from fieldwise_inference.classify.ranker.ranker import FeaturesNumber, Prediction, RankerSettings
from fieldwise_inference.classify.ranker.weights import Stacked, Weights, stacked, weights_from

WIDTH = 5
"""Kernel size of the convolutions, in fields: two before, the field itself, two after."""

CACHE_SIZE = 4096
"""Texts whose summed embeddings are kept: the 2,400 of the largest form, and more. A full cache is emptied."""

EPSILON = 1e-5
"""Of the layer normalisation."""


class TextSums:
    """The n-gram embeddings of texts, summed. Those of `CACHE_SIZE` texts are kept, as pages repeat their labels and headings."""

    def __init__(self, table: NDArray[np.floating]) -> None:
        """`table`: (BUCKETS, columns), the embedding of each bucket, in any floating type: it is computed in float32."""
        self._table = table
        self._cache: dict[str, Floats] = {}

    def of(self, texts: Sequence[str]) -> Floats:
        """float32 (texts, columns): the sum of each text's n-gram embeddings, divided by the square root of their number.

        Zeros for an empty text. A text has the same sum whatever texts it is summed with.
        """
        known = {text: found for text in texts if (found := self._cache.get(text)) is not None}
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            fresh = dict(zip(new, self._summed(new), strict=True))
            if len(self._cache) + len(fresh) > CACHE_SIZE:
                self._cache = {}
            self._cache.update(fresh)
            known |= fresh
        return np.stack([known[text] for text in texts])

    def _summed(self, texts: Sequence[str]) -> Floats:
        found = bags(texts)
        counts = found.counts
        sums = np.zeros((len(counts), self._table.shape[1]), np.float32)
        filled = np.flatnonzero(counts)
        if len(filled):  # `add.reduce` of a text at a time is faster, but sums in another order, which a fourth decimal in 28,000 shows
            starts = (np.cumsum(counts) - counts)[filled]
            sums[filled] = np.add.reduceat(self._table.take(found.buckets, axis=0).astype(np.float32, copy=False), starts, axis=0)
            sums[filled] /= np.sqrt(counts[filled])[:, None]
        return sums


def _convolved(hidden: Floats, weights: Floats, bias: Floats) -> Floats:
    """float32 (members, n, h): a convolution over the fields, zero-padded at both ends of the form."""
    g, n, h = hidden.shape
    half = WIDTH // 2
    padded = np.zeros((g, n + 2 * half, h), np.float32)
    padded[:, half : half + n] = hidden
    windows: Floats = np.concatenate([padded[:, i : i + n] for i in range(WIDTH)], axis=2) @ weights + bias
    return windows


def _block_means(hidden: Floats, blocks: Integers) -> Floats:
    """float32 (members, blocks, h): the mean over the fields of each block. `blocks`: int (n,), from 0, ascending."""
    sizes = np.bincount(blocks)
    sums: Floats = np.add.reduceat(hidden, np.cumsum(sizes) - sizes, axis=1)
    return sums / sizes.astype(np.float32)[:, None]


class NumpyRanker:
    """The `Ranker` of a version, computed in numpy."""

    def __init__(self, settings: RankerSettings, members: Iterable[Weights]) -> None:
        self.settings = settings
        self.numbers = settings.numbers
        self._weights = stacked(members, settings.members, LAYOUTS[settings.features].shape)
        self._sums = TextSums(self._weights.grams)
        position = {name: i for i, name in enumerate(settings.classes)}
        self._class_of = np.array([position[NOTHING], *(position.get(c, position[NOTHING]) for c in settings.ids)])

    def predict(self, evidence: Evidence) -> Prediction:
        """See `Ranker.predict`."""
        settings = self.settings
        if not len(evidence):
            return Prediction(np.empty((0, len(settings.classes)), np.float32), np.empty((0, len(settings.whose)), np.float32))
        with np.errstate(invalid="ignore"):  # OpenBLAS computes whole registers: what lies beyond a small matrix may not be a number
            classes, whose = (_softmax(logits / settings.temperature) for logits in self._logits(self._weights, evidence))
        owned = own(classes, whose, settings.classes, settings.whose)
        return Prediction(owned.mean(axis=0, dtype=np.float32), whose.mean(axis=0, dtype=np.float32))

    def _logits(self, w: Stacked, e: Evidence) -> tuple[Floats, Floats]:
        """float32 (members, n, classes) and (members, n, owners)."""
        embedded = self._embedded(w, e)
        centred = embedded - embedded.mean(axis=2, keepdims=True)
        hidden = np.maximum(centred / np.sqrt((centred**2).mean(axis=2, keepdims=True) + EPSILON) * w.norm[0] + w.norm[1], 0)
        form = hidden.mean(axis=1, keepdims=True) @ w.pool + w.pool_bias
        around = _convolved(hidden, w.conv[0], w.conv_bias[0]) + form + (_block_means(hidden, e.blocks) @ w.block)[:, e.blocks]
        first = hidden + np.maximum(around, 0)
        second = first + np.maximum(_convolved(first, w.conv[1], w.conv_bias[1]), 0)
        return second @ w.out + w.out_bias + self._copy_logits(w, e), second @ w.whose + w.whose_bias

    def _embedded(self, w: Stacked, e: Evidence) -> Floats:
        """float32 (members, n, h): each field's own features, embedded and summed."""
        g, _, h = w.bias.shape
        sums = self._sums.of(e.texts)[e.views].reshape(len(e), e.views.shape[1], g, -1)
        texts: Floats = sums.transpose(2, 0, 1, 3).reshape(g, len(e), -1) @ w.views
        looked_up = w.rows[np.concatenate([e.shape, e.lexical], axis=1) + w.starts].sum(axis=1)
        near = (w.near[e.near] * e.nearness[:, :, None, None]).sum(axis=1)
        embedded: Floats = texts + (looked_up + near).reshape(len(e), g, h).transpose(1, 0, 2) + w.bias
        return embedded

    def _copy_logits(self, w: Stacked, e: Evidence) -> Floats:
        """float32 (members, n, classes): what lexicon matches and nearness add to the logits of the very classes they name.

        These weights are shared by all classes, so that classes with few training examples profit too.
        """
        logits = np.zeros((len(w.out), len(e), len(self.settings.classes)), np.float32)
        rows = np.arange(len(e))
        for column, ids in enumerate(e.lexical.T):
            logits[:, rows, self._class_of[ids]] += w.copy_logits[column][:, None] * (ids > 0)
        logits[:, rows, self._class_of[e.near[:, 0]]] += w.copy_logits[-1][:, None] * e.nearness[:, 0]
        return logits


def _softmax(logits: Floats) -> Floats:
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def load_ranker(settings: Path, weights: Path) -> NumpyRanker:
    """Loads `ranker.json` and `ranker.npz` (plain arrays, never pickle). Raises CorruptVersion naming the file at fault."""
    read = _settings(settings.read_bytes())
    try:
        return NumpyRanker(read, _members(read, weights))
    except ValueError as error:
        raise CorruptVersion(f"{layout.RANKER_WEIGHTS}: its members have different shapes") from error


def _members(settings: RankerSettings, path: Path) -> Iterator[Weights]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for number in range(settings.members):
                member = weights_from(arrays, number)
                if not _fits(member, settings):
                    raise CorruptVersion(f"{layout.RANKER_WEIGHTS} does not fit {layout.RANKER_SETTINGS}")
                yield member
                del member  # before the next is read
    except (ValueError, KeyError, OSError, BadZipFile) as error:
        raise CorruptVersion(f"{layout.RANKER_WEIGHTS} can't be read") from error


def _settings(content: bytes) -> RankerSettings:
    try:
        number = FeaturesNumber.model_validate_json(content).features
        if number not in LAYOUTS:
            computed = " and ".join(map(str, LAYOUTS))
            trained = f"{layout.RANKER_SETTINGS}: trained on features {number}"
            raise CorruptVersion(f"{trained}, but this code computes {computed}: train a new version")
        return RankerSettings.model_validate_json(content)
    except ValidationError as error:
        raise CorruptVersion(f"{layout.RANKER_SETTINGS}: {error.error_count()} wrong values") from error


def _fits(weights: Weights, settings: RankerSettings) -> bool:
    columns = LAYOUTS[settings.features]
    sizes = (weights.views.shape[0], weights.lexical.shape[0]) == (len(columns.views), len(columns.lexical))
    is_of_features = sizes and all(len(getattr(weights, table)) for table in columns.shape)
    is_of_vocabulary = weights.out.shape[1] == len(settings.classes) and weights.near.shape[0] == len(settings.ids) + 1
    has_owners = weights.whose.shape[1] == len(settings.whose) and {SELF, EARLIER} <= set(settings.whose)
    return weights.grams.shape[0] == BUCKETS and is_of_features and is_of_vocabulary and has_owners and NOTHING in settings.classes
