"""The ranker's network in torch: the same computation as `fieldwise_inference.classify.ranker.model`, with gradients.

Its parameters have the shapes of `Weights` there, so that exporting is saving them; a test compares the two.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise_inference.classify.ranker.evidence import MAX_MAXLENGTH, MAX_OPTIONS, RUN_POSITIONS, TYPES, VIEWS
from fieldwise_inference.classify.ranker.features import FEATURES, LEXICAL_COLUMNS
from fieldwise_inference.classify.ranker.model import EPSILON, WIDTH
from fieldwise_inference.classify.ranker.ngrams import BUCKETS

COLUMNS = LEXICAL_COLUMNS[FEATURES]
GRAM_SIZE = 48
HIDDEN = 160
DROPOUT = 0.25


@dataclass(frozen=True, slots=True)
class Batch:
    """The fields of several forms, concatenated: N fields, C lexical columns.

    grams: per view, int (n-grams,) buckets of all fields in order, and int (N,) their number per field.
    lexical: int (N, C) ids found in the lexicon. near, nearness: int and float (N, nearest), the nearest ids and their cosines.
    shape: int (N, 5): type, maxlength, number of options, positions in runs of equal labels and names.
    window: int (N, WIDTH), the rows around each field within its form, N for padding. form: int (N,), the number of its form.
    truth: int (N,), the class.
    """

    grams: tuple[tuple[Tensor, Tensor], ...]
    lexical: Tensor
    near: Tensor
    nearness: Tensor
    shape: Tensor
    window: Tensor
    form: Tensor
    truth: Tensor


class Network(nn.Module):
    """Logits (N, classes) of a batch. `class_of`: int (ids + 1,), the class of each id; id 0 is "unknown".

    Initial weights and dropout come from a random generator of its own, seeded with `seed`: networks can be trained in parallel.
    """

    def __init__(self, classes: int, class_of: NDArray[np.int64], seed: int = 0) -> None:
        super().__init__()
        rows = len(class_of)
        self._generator = torch.Generator().manual_seed(seed)
        self.register_buffer("class_of", torch.from_numpy(class_of))
        self.grams = self._embedding(BUCKETS, GRAM_SIZE)
        self.views = nn.Parameter(torch.empty(len(VIEWS), GRAM_SIZE, HIDDEN))
        self.lexical = nn.Parameter(torch.cat([self._embedding(len(COLUMNS) - 1, rows, HIDDEN), torch.zeros(1, rows, HIDDEN)]))
        # fuzzy matches, the last column, are rare in the training forms: they begin as what is copied, and nothing besides
        self.near = self._embedding(rows, HIDDEN)
        self.types = self._embedding(len(TYPES), HIDDEN)
        self.maxlengths = self._embedding(MAX_MAXLENGTH + 2, HIDDEN)
        self.options = self._embedding(MAX_OPTIONS + 1, HIDDEN)
        self.label_runs = self._embedding(RUN_POSITIONS, HIDDEN)
        self.name_runs = self._embedding(RUN_POSITIONS, HIDDEN)
        self.bias = nn.Parameter(torch.zeros(HIDDEN))
        self.norm = nn.Parameter(torch.stack([torch.ones(HIDDEN), torch.zeros(HIDDEN)]))
        self.conv = nn.Parameter(torch.empty(2, WIDTH * HIDDEN, HIDDEN))
        self.conv_bias = nn.Parameter(torch.zeros(2, HIDDEN))
        self.pool = nn.Parameter(torch.empty(HIDDEN, HIDDEN))
        self.pool_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.out = nn.Parameter(torch.empty(HIDDEN, classes))
        self.out_bias = nn.Parameter(torch.zeros(classes))
        self.copy_logits = nn.Parameter(torch.full((len(COLUMNS) + 1,), 2.0))
        for weight in (*self.views, *self.conv, self.pool, self.out):
            bound = weight.shape[0] ** -0.5
            nn.init.uniform_(weight, -bound, bound, generator=self._generator)

    def _embedding(self, *shape: int) -> nn.Parameter:
        return nn.Parameter(torch.randn(*shape, generator=self._generator) * 0.05)

    def forward(self, batch: Batch) -> Tensor:
        """Float (N, classes)."""
        row = nn.functional.embedding  # its backward pass is much faster than that of indexing
        hidden = self.bias + self._texts(batch)
        for column, table in enumerate((self.types, self.maxlengths, self.options, self.label_runs, self.name_runs)):
            hidden = hidden + row(batch.shape[:, column], table)
        for view in range(len(COLUMNS)):
            hidden = hidden + row(batch.lexical[:, view], self.lexical[view])
        hidden = hidden + (row(batch.near, self.near) * batch.nearness[:, :, None]).sum(1)
        own = nn.functional.layer_norm(hidden, (HIDDEN,), self.norm[0], self.norm[1], EPSILON)
        own = self._dropout(torch.relu(own))
        form = self._mean(own, batch.form) @ self.pool + self.pool_bias
        first = self._dropout(own + torch.relu(self._convolution(own, batch.window, 0) + row(batch.form, form)))
        second = self._dropout(first + torch.relu(self._convolution(first, batch.window, 1)))
        logits: Tensor = second @ self.out + self.out_bias + self._copied(batch)
        return logits

    def _texts(self, batch: Batch) -> Tensor:
        """All views' n-grams in one lookup, with a sparse gradient: only the rows of the batch's n-grams."""
        buckets, counts = (torch.cat(part) for part in zip(*batch.grams, strict=True))
        starts = torch.cumsum(counts, 0) - counts
        summed = nn.functional.embedding_bag(buckets, self.grams, starts, mode="sum", sparse=True)
        scaled = summed / counts.clamp(min=1).sqrt()[:, None]
        return torch.bmm(scaled.view(len(VIEWS), -1, GRAM_SIZE), self.views).sum(0)

    def _dropout(self, hidden: Tensor) -> Tensor:
        """Dropout with the network's own generator: torch's uses one generator for all threads."""
        if not self.training:
            return hidden
        kept = torch.empty_like(hidden).bernoulli_(1 - DROPOUT, generator=self._generator)
        return hidden * kept / (1 - DROPOUT)

    def _convolution(self, hidden: Tensor, window: Tensor, layer: int) -> Tensor:
        padded = torch.cat([hidden, hidden.new_zeros(1, HIDDEN)])
        convolved: Tensor = nn.functional.embedding(window, padded).flatten(1) @ self.conv[layer] + self.conv_bias[layer]
        return convolved

    @staticmethod
    def _mean(hidden: Tensor, form: Tensor) -> Tensor:
        forms = int(form.max()) + 1
        sums = hidden.new_zeros(forms, hidden.shape[1]).index_add(0, form, hidden)
        return sums / torch.bincount(form, minlength=forms)[:, None]

    def _copied(self, batch: Batch) -> Tensor:
        """Logits added directly to the classes of lexicon hits and of the nearest id (a copy mechanism)."""
        class_of = self.get_buffer("class_of")
        logits = batch.nearness.new_zeros(len(batch.lexical), len(self.out_bias))
        for view in range(len(COLUMNS)):
            hit = (batch.lexical[:, view] > 0) * self.copy_logits[view]
            logits = logits.scatter_add(1, class_of[batch.lexical[:, view]][:, None], hit[:, None])
        nearest = batch.nearness[:, 0] * self.copy_logits[-1]
        return logits.scatter_add(1, class_of[batch.near[:, 0]][:, None], nearest[:, None])

    def arrays(self) -> dict[str, NDArray[np.float16]]:
        """All weights by their names in `Weights`, as float16: half the size, and the probabilities hardly change."""
        return {name: parameter.detach().numpy().astype(np.float16) for name, parameter in self.named_parameters()}
