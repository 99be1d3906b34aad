"""The ranker's network in torch: the same computation as `fieldwise_inference.classify.ranker.model`, with gradients.

Its parts have the names of those there. Its parameters have the shapes of `Weights`, so that exporting is saving them; a test
compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise_inference.classify.form_place import PLACES
from fieldwise_inference.classify.option_kinds import KINDS
from fieldwise_inference.classify.ranker.evidence import MAX_MAXLENGTH, MAX_OPTIONS, MAX_SECTION, RUN_POSITIONS, TYPES
from fieldwise_inference.classify.ranker.features import FEATURES, LAYOUTS
from fieldwise_inference.classify.ranker.model import EPSILON, WIDTH
from fieldwise_inference.classify.ranker.ngrams import BUCKETS

VIEWS, COLUMNS, SHAPE = LAYOUTS[FEATURES].views, LAYOUTS[FEATURES].lexical, LAYOUTS[FEATURES].shape
RARE_COLUMNS = ("fuzzy", "autocomplete", "near")
"""Rare in the training forms: their matches begin as what is copied, and nothing besides."""
GRAM_SIZE = 48
HIDDEN = 160
DROPOUT = 0.25


@dataclass(frozen=True, slots=True)
class Batch:
    """The fields of several forms, concatenated: N fields, C lexical columns.

    grams: per view, int (n-grams,) buckets of all fields in order, and int (N,) their number per field.
    lexical: int (N, C) ids found in the lexicon. near, nearness: int and float (N, nearest), the nearest ids and their cosines.
    shape: int (N, S), the columns of the layout's shape.
    window: int (N, WIDTH), the rows around each field within its form, N for padding.
    form, block: int (N,), the numbers of its form and of its block, both from 0.
    truth: int (N,), the class, or where is_rejected is true the class that the field does not have. weight: float (N,), in the loss;
    0: the field is there as context for the others. whose: int (N,), whose data the field asks for, -1 if that is not known.
    """

    grams: tuple[tuple[Tensor, Tensor], ...]
    lexical: Tensor
    near: Tensor
    nearness: Tensor
    shape: Tensor
    window: Tensor
    form: Tensor
    block: Tensor
    truth: Tensor
    weight: Tensor
    is_rejected: Tensor
    whose: Tensor


_row = nn.functional.embedding
"""Looks up rows of a table; its backward pass is much faster than that of indexing."""


class Network(nn.Module):
    """The logits of classes and of owners for a batch. `class_of`: int (ids + 1,), the class of each id; id 0 is "unknown".

    Initial weights and dropout come from a random generator of its own, seeded with `seed`: networks can be trained in parallel.
    """

    def __init__(self, classes: int, class_of: NDArray[np.int64], owners: int, seed: int = 0) -> None:
        super().__init__()
        rows = len(class_of)
        self._generator = torch.Generator().manual_seed(seed)
        self.register_buffer("class_of", torch.from_numpy(class_of))
        self.grams = self._embedding(BUCKETS, GRAM_SIZE)
        self.views = nn.Parameter(torch.empty(len(VIEWS), GRAM_SIZE, HIDDEN))
        self.lexical = self._embedding(len(COLUMNS), rows, HIDDEN)
        for column in map(COLUMNS.index, RARE_COLUMNS):
            self.lexical.data[column] = 0
        self.near = self._embedding(rows, HIDDEN)
        self.types = self._embedding(len(TYPES), HIDDEN)
        self.maxlengths = self._embedding(MAX_MAXLENGTH + 2, HIDDEN)
        self.options = self._embedding(MAX_OPTIONS + 1, HIDDEN)
        self.label_runs = self._embedding(RUN_POSITIONS, HIDDEN)
        self.name_runs = self._embedding(RUN_POSITIONS, HIDDEN)
        self.label_repeats = self._embedding(RUN_POSITIONS, HIDDEN)
        self.section_runs = self._embedding(MAX_SECTION + 1, HIDDEN)
        self.option_kinds = self._embedding(len(KINDS), HIDDEN)
        self.places = self._embedding(len(PLACES), HIDDEN)
        self.bias = nn.Parameter(torch.zeros(HIDDEN))
        self.norm = nn.Parameter(torch.stack([torch.ones(HIDDEN), torch.zeros(HIDDEN)]))
        self.conv = nn.Parameter(torch.empty(2, WIDTH * HIDDEN, HIDDEN))
        self.conv_bias = nn.Parameter(torch.zeros(2, HIDDEN))
        self.pool = nn.Parameter(torch.empty(HIDDEN, HIDDEN))
        self.pool_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.out = nn.Parameter(torch.empty(HIDDEN, classes))
        self.out_bias = nn.Parameter(torch.zeros(classes))
        self.copy_logits = nn.Parameter(torch.full((len(COLUMNS) + 1,), 2.0))
        self.block = nn.Parameter(torch.empty(HIDDEN, HIDDEN))
        self.whose = nn.Parameter(torch.empty(HIDDEN, owners))
        self.whose_bias = nn.Parameter(torch.zeros(owners))
        for weight in (*self.views, *self.conv, self.pool, self.out, self.block, self.whose):
            bound = weight.shape[0] ** -0.5
            nn.init.uniform_(weight, -bound, bound, generator=self._generator)

    def _embedding(self, *shape: int) -> nn.Parameter:
        return nn.Parameter(torch.randn(*shape, generator=self._generator) * 0.05)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Float (N, classes) and (N, owners)."""
        normalised = nn.functional.layer_norm(self._embedded(batch), (HIDDEN,), self.norm[0], self.norm[1], EPSILON)
        hidden = self._dropout(torch.relu(normalised))
        form = _row(batch.form, self._mean(hidden, batch.form) @ self.pool + self.pool_bias)
        block = _row(batch.block, self._mean(hidden, batch.block) @ self.block)
        first = self._dropout(hidden + torch.relu(self._convolved(hidden, batch.window, 0) + form + block))
        second = self._dropout(first + torch.relu(self._convolved(first, batch.window, 1)))
        logits: Tensor = second @ self.out + self.out_bias + self._copy_logits(batch)
        return logits, second @ self.whose + self.whose_bias

    def _embedded(self, batch: Batch) -> Tensor:
        """Float (N, HIDDEN): each field's own features, embedded and summed."""
        embedded = self.bias + torch.bmm(self._summed(batch), self.views).sum(0)
        for column, table in enumerate(SHAPE):
            embedded = embedded + _row(batch.shape[:, column], self.get_parameter(table))
        for column in range(len(COLUMNS)):
            embedded = embedded + _row(batch.lexical[:, column], self.lexical[column])
        return embedded + (_row(batch.near, self.near) * batch.nearness[:, :, None]).sum(1)

    def _summed(self, batch: Batch) -> Tensor:
        """Float (views, N, GRAM_SIZE): the sum of each text's n-gram embeddings, divided by the square root of their number.

        All views in one lookup, with a sparse gradient: only the rows of the batch's n-grams.
        """
        buckets, counts = (torch.cat(part) for part in zip(*batch.grams, strict=True))
        starts = torch.cumsum(counts, 0) - counts
        summed = nn.functional.embedding_bag(buckets, self.grams, starts, mode="sum", sparse=True)
        scaled = summed / counts.clamp(min=1).sqrt()[:, None]
        return scaled.view(len(VIEWS), -1, GRAM_SIZE)

    def _dropout(self, hidden: Tensor) -> Tensor:
        """Dropout with the network's own generator: torch's uses one generator for all threads."""
        if not self.training:
            return hidden
        kept = torch.empty_like(hidden).bernoulli_(1 - DROPOUT, generator=self._generator)
        return hidden * kept / (1 - DROPOUT)

    def _convolved(self, hidden: Tensor, window: Tensor, layer: int) -> Tensor:
        padded = torch.cat([hidden, hidden.new_zeros(1, HIDDEN)])
        convolved: Tensor = _row(window, padded).flatten(1) @ self.conv[layer] + self.conv_bias[layer]
        return convolved

    @staticmethod
    def _mean(hidden: Tensor, group: Tensor) -> Tensor:
        groups = int(group.max()) + 1
        sums = hidden.new_zeros(groups, hidden.shape[1]).index_add(0, group, hidden)
        return sums / torch.bincount(group, minlength=groups)[:, None]

    def _copy_logits(self, batch: Batch) -> Tensor:
        """Float (N, classes): what lexicon matches and nearness add to the logits of the very classes they name (a copy mechanism)."""
        class_of = self.get_buffer("class_of")
        logits = batch.nearness.new_zeros(len(batch.lexical), len(self.out_bias))
        for column in range(len(COLUMNS)):
            hit = (batch.lexical[:, column] > 0) * self.copy_logits[column]
            logits = logits.scatter_add(1, class_of[batch.lexical[:, column]][:, None], hit[:, None])
        nearest = batch.nearness[:, 0] * self.copy_logits[-1]
        return logits.scatter_add(1, class_of[batch.near[:, 0]][:, None], nearest[:, None])

    def load(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Takes over another network's weights, by their names in `Weights`. Raises ValueError if one is missing or has another shape."""
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if name not in arrays or arrays[name].shape != tuple(parameter.shape):
                    raise ValueError(f"the weights {name} do not fit this network")
                parameter.copy_(torch.from_numpy(arrays[name].astype(np.float32)))

    def arrays(self) -> dict[str, NDArray[np.float16]]:
        """All weights by their names in `Weights`, as float16: half the size, and the probabilities hardly change."""
        return {name: parameter.detach().numpy().astype(np.float16) for name, parameter in self.named_parameters()}
