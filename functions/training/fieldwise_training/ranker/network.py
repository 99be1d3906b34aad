"""The ranker's network in torch: the same sums as `fieldwise_inference.classify.ranker.model`, with gradients.

Parameters have the names and shapes of `Weights` there, so that saving them is all the export there is; a test holds the two
against each other.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise_inference.classify.ranker.evidence import LONGEST_MAXLENGTH, MOST_OPTIONS, RUN_PLACES, TYPES, VIEWS
from fieldwise_inference.classify.ranker.features import FEATURES, LEXICAL_COLUMNS
from fieldwise_inference.classify.ranker.model import EPSILON, WIDTH
from fieldwise_inference.classify.ranker.ngrams import BUCKETS

COLUMNS = LEXICAL_COLUMNS[FEATURES]
GRAM_SIZE = 48
HIDDEN = 160
DROPOUT = 0.25


@dataclass(frozen=True, slots=True)
class Batch:
    """Several forms' fields, one after the other, as tensors; N fields in F forms.

    grams: per view (bucket numbers of all fields, one field after the other; how many each field has). window: int (N, WIDTH), the
    rows around each field within its form, N where there is none. form: int (N,), each field's form.
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
    """Logits (N, classes) of a batch. `class_of`: the class that each of the ids names, from number 0 (unknown).

    All chance, in its first weights and in its dropout, is its own and comes from `seed`: networks can be fitted side by side.
    """

    def __init__(self, classes: int, class_of: NDArray[np.int64], seed: int = 0) -> None:
        super().__init__()
        rows = len(class_of)
        self._chance = torch.Generator().manual_seed(seed)
        self.register_buffer("class_of", torch.from_numpy(class_of))
        self.grams = self._small(BUCKETS, GRAM_SIZE)
        self.views = nn.Parameter(torch.empty(len(VIEWS), GRAM_SIZE, HIDDEN))
        self.lexical = self._small(len(COLUMNS), rows, HIDDEN)
        self.near = self._small(rows, HIDDEN)
        self.types = self._small(len(TYPES), HIDDEN)
        self.maxlengths = self._small(LONGEST_MAXLENGTH + 2, HIDDEN)
        self.options = self._small(MOST_OPTIONS + 1, HIDDEN)
        self.label_runs = self._small(RUN_PLACES, HIDDEN)
        self.name_runs = self._small(RUN_PLACES, HIDDEN)
        self.bias = nn.Parameter(torch.zeros(HIDDEN))
        self.norm = nn.Parameter(torch.stack([torch.ones(HIDDEN), torch.zeros(HIDDEN)]))
        self.around = nn.Parameter(torch.empty(2, WIDTH * HIDDEN, HIDDEN))
        self.around_bias = nn.Parameter(torch.zeros(2, HIDDEN))
        self.whole = nn.Parameter(torch.empty(HIDDEN, HIDDEN))
        self.whole_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.out = nn.Parameter(torch.empty(HIDDEN, classes))
        self.out_bias = nn.Parameter(torch.zeros(classes))
        self.boosts = nn.Parameter(torch.full((len(COLUMNS) + 1,), 2.0))
        for weight in (*self.views, *self.around, self.whole, self.out):
            bound = weight.shape[0] ** -0.5
            nn.init.uniform_(weight, -bound, bound, generator=self._chance)

    def _small(self, *shape: int) -> nn.Parameter:
        return nn.Parameter(torch.randn(*shape, generator=self._chance) * 0.05)

    def forward(self, batch: Batch) -> Tensor:
        """Float (N, classes)."""
        row = nn.functional.embedding  # its gradient is far cheaper than that of indexing
        hidden = self.bias + self._texts(batch)
        for column, table in enumerate((self.types, self.maxlengths, self.options, self.label_runs, self.name_runs)):
            hidden = hidden + row(batch.shape[:, column], table)
        for view in range(len(COLUMNS)):
            hidden = hidden + row(batch.lexical[:, view], self.lexical[view])
        hidden = hidden + (row(batch.near, self.near) * batch.nearness[:, :, None]).sum(1)
        own = nn.functional.layer_norm(hidden, (HIDDEN,), self.norm[0], self.norm[1], EPSILON)
        own = self._dropped(torch.relu(own))
        form = self._mean(own, batch.form) @ self.whole + self.whole_bias
        first = self._dropped(own + torch.relu(self._convolved(own, batch.window, 0) + row(batch.form, form)))
        second = self._dropped(first + torch.relu(self._convolved(first, batch.window, 1)))
        logits: Tensor = second @ self.out + self.out_bias + self._boosted(batch)
        return logits

    def _texts(self, batch: Batch) -> Tensor:
        """All views' n-grams in one look-up, whose gradient holds no more than the n-grams of the batch."""
        buckets, counts = (torch.cat(part) for part in zip(*batch.grams, strict=True))
        starts = torch.cumsum(counts, 0) - counts
        summed = nn.functional.embedding_bag(buckets, self.grams, starts, mode="sum", sparse=True)
        scaled = summed / counts.clamp(min=1).sqrt()[:, None]
        return torch.bmm(scaled.view(len(VIEWS), -1, GRAM_SIZE), self.views).sum(0)

    def _dropped(self, hidden: Tensor) -> Tensor:
        """Dropout; torch's own draws from one source for all threads."""
        if not self.training:
            return hidden
        kept = torch.empty_like(hidden).bernoulli_(1 - DROPOUT, generator=self._chance)
        return hidden * kept / (1 - DROPOUT)

    def _convolved(self, hidden: Tensor, window: Tensor, layer: int) -> Tensor:
        padded = torch.cat([hidden, hidden.new_zeros(1, HIDDEN)])
        around: Tensor = nn.functional.embedding(window, padded).flatten(1) @ self.around[layer] + self.around_bias[layer]
        return around

    @staticmethod
    def _mean(hidden: Tensor, form: Tensor) -> Tensor:
        forms = int(form.max()) + 1
        sums = hidden.new_zeros(forms, hidden.shape[1]).index_add(0, form, hidden)
        return sums / torch.bincount(form, minlength=forms)[:, None]

    def _boosted(self, batch: Batch) -> Tensor:
        class_of = self.get_buffer("class_of")
        logits = batch.nearness.new_zeros(len(batch.lexical), len(self.out_bias))
        for view in range(len(COLUMNS)):
            hit = (batch.lexical[:, view] > 0) * self.boosts[view]
            logits = logits.scatter_add(1, class_of[batch.lexical[:, view]][:, None], hit[:, None])
        nearest = batch.nearness[:, 0] * self.boosts[-1]
        return logits.scatter_add(1, class_of[batch.near[:, 0]][:, None], nearest[:, None])

    def arrays(self) -> dict[str, NDArray[np.float16]]:
        """All weights by their names in `Weights`, as half floats: a version is small, and the probabilities don't notice."""
        return {name: parameter.detach().numpy().astype(np.float16) for name, parameter in self.named_parameters()}
