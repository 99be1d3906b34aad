"""The ranker's network, in numpy: a small convolutional tagger over the fields of a form.

Embeddings of a field's n-grams (summed over hashed buckets, as in fastText: Joulin et al., 2016), lexicon matches, nearest
ids and shape are added up to one hidden vector per field. Two residual convolutions over the fields of the form, and mean
pooling over the form, add context. A softmax over the classes, calibrated by temperature scaling (Guo et al., 2017, "On
Calibration of Modern Neural Networks"), gives the probabilities; the members of an ensemble are averaged.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import CorruptVersion
from fieldwise_common.store import layout
from fieldwise_inference.classify.ranker.evidence import VIEWS, Evidence, Floats
from fieldwise_inference.classify.ranker.features import LEXICAL_COLUMNS
from fieldwise_inference.classify.ranker.ngrams import BUCKETS, Bags
from fieldwise_inference.classify.ranker.ranker import RankerSettings
from fieldwise_inference.classify.ranker.weights import Stacked, Weights, stacked, weights_from

WIDTH = 5
"""Kernel size of the convolutions, in fields: two before, the field itself, two after."""

EPSILON = 1e-5
"""Of the layer normalisation."""


def _summed(bags: Sequence[Bags], table: Floats) -> Floats:
    """float32 (views, n, columns of the table): the sum of each text's n-gram embeddings, divided by the square root of their number.

    Zeros for an empty text.
    """
    counts = np.concatenate([one.counts for one in bags])
    sums = np.zeros((len(counts), table.shape[1]), np.float32)
    filled = np.flatnonzero(counts)
    if len(filled):
        rows = table.take(np.concatenate([one.buckets for one in bags]), axis=0)
        sums[filled] = np.add.reduceat(rows, (np.cumsum(counts) - counts)[filled], axis=0)
        sums[filled] /= np.sqrt(counts[filled])[:, None]
    return sums.reshape(len(bags), -1, table.shape[1])


def _convolved(hidden: Floats, weights: Floats, bias: Floats) -> Floats:
    """float32 (members, n, h): a convolution over the fields, zero-padded at both ends of the form."""
    g, n, h = hidden.shape
    half = WIDTH // 2
    padded = np.zeros((g, n + 2 * half, h), np.float32)
    padded[:, half : half + n] = hidden
    windows: Floats = np.concatenate([padded[:, i : i + n] for i in range(WIDTH)], axis=2) @ weights + bias
    return windows


class NumpyRanker:
    """The `Ranker` of a version, computed in numpy."""

    def __init__(self, settings: RankerSettings, members: tuple[Weights, ...]) -> None:
        self.settings = settings
        self.numbers = settings.numbers
        self._weights = stacked(members)
        position = {name: i for i, name in enumerate(settings.classes)}
        self._class_of = np.array([position[NOTHING], *(position.get(c, position[NOTHING]) for c in settings.ids)])

    def probabilities(self, evidence: Evidence) -> Floats:
        """float32 (n, classes), rows summing to 1."""
        if not len(evidence):
            return np.empty((0, len(self.settings.classes)), np.float32)
        members = _softmax(self._logits(self._weights, evidence) / self.settings.temperature)
        mean: Floats = members.mean(axis=0, dtype=np.float32)
        return mean

    def _logits(self, w: Stacked, e: Evidence) -> Floats:
        """float32 (members, n, classes)."""
        embedded = self._embedded(w, e)
        centred = embedded - embedded.mean(axis=2, keepdims=True)
        hidden = np.maximum(centred / np.sqrt((centred**2).mean(axis=2, keepdims=True) + EPSILON) * w.norm[0] + w.norm[1], 0)
        form = hidden.mean(axis=1, keepdims=True) @ w.pool + w.pool_bias
        first = hidden + np.maximum(_convolved(hidden, w.conv[0], w.conv_bias[0]) + form, 0)
        second = first + np.maximum(_convolved(first, w.conv[1], w.conv_bias[1]), 0)
        logits: Floats = second @ w.out + w.out_bias + self._copy_logits(w, e)
        return logits

    def _embedded(self, w: Stacked, e: Evidence) -> Floats:
        """float32 (members, n, h): each field's own features, embedded and summed."""
        g, _, h = w.bias.shape
        sums = _summed(e.bags, w.grams).reshape(len(VIEWS), len(e), g, -1)
        texts: Floats = sums.transpose(2, 1, 0, 3).reshape(g, len(e), -1) @ w.views
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
    try:
        read = RankerSettings.model_validate_json(settings.read_bytes())
    except ValidationError as error:
        raise CorruptVersion(f"{layout.RANKER_SETTINGS}: {error.error_count()} wrong values") from error
    if read.features not in LEXICAL_COLUMNS:
        computed = " and ".join(map(str, LEXICAL_COLUMNS))
        trained = f"{layout.RANKER_SETTINGS}: trained on features {read.features}"
        raise CorruptVersion(f"{trained}, but this code computes {computed}: train a new version")
    try:
        with np.load(weights, allow_pickle=False) as arrays:
            members = tuple(weights_from(arrays, member) for member in range(read.members))
    except (ValueError, KeyError, OSError) as error:
        raise CorruptVersion(f"{layout.RANKER_WEIGHTS} can't be read") from error
    columns = len(LEXICAL_COLUMNS[read.features])
    for one in members:
        fits = one.grams.shape[0] == BUCKETS and one.views.shape[0] == len(VIEWS) and one.lexical.shape[0] == columns
        if not fits or one.out.shape[1] != len(read.classes) or one.near.shape[0] != len(read.ids) + 1 or NOTHING not in read.classes:
            raise CorruptVersion(f"{layout.RANKER_WEIGHTS} does not fit {layout.RANKER_SETTINGS}")
    try:
        return NumpyRanker(read, members)
    except ValueError as error:
        raise CorruptVersion(f"{layout.RANKER_WEIGHTS}: its members have different shapes") from error
