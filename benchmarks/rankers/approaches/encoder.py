"""A fine-tuned encoder: the base model with a soft-max over the meanings, reading the field and its neighbours as one text.

`label | placeholder | name | previous label | next label`. It learns for as long as it is given, and no longer: a training run has
one processor and minutes, not a graphics card and hours.
"""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from benchmarks.rankers.forms import Shown
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_training.encoder.model_manager import local_folder
from fieldwise_training.ranker.examples import Vocabulary

SECONDS = 480.0
"""Processor time to learn in."""
LONGEST = 40
"""Tokens read of a text."""
BATCH = 32
RATE, HEAD_RATE = 1e-4, 2e-3
EPOCHS = 3
POOL = 16
"""Batches among which texts are sorted by length, so that little is padding."""


class FineTunedEncoder:
    """See the module. The word vectors are kept as they are: most would never be seen."""

    varies = False

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def learn(self, taught: Sequence[Shown], words: Vocabulary) -> None:
        """Fits for at most `EPOCHS` passes or the seconds given, the rates falling to nothing towards whichever comes first."""
        torch.manual_seed(0)
        logging.disable_progress_bar()
        folder = str(local_folder(""))
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._body = AutoModel.from_pretrained(folder)
        self._body.embeddings.requires_grad_(False)
        self._head = nn.Linear(self._body.config.hidden_size, len(words.classes))
        groups = [{"params": [p for p in self._body.parameters() if p.requires_grad], "lr": RATE}]
        optimiser = torch.optim.AdamW([*groups, {"params": self._head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01)
        peaks = [group["lr"] for group in optimiser.param_groups]
        texts = [text for form in taught for text in _texts(form)]
        truth = np.concatenate([form.truth for form in taught])
        batches = -(-len(texts) // BATCH) * EPOCHS
        begun, self.passes = time.process_time(), 0.0
        self._body.train()
        for number, rows in enumerate(_batches([len(text) for text in texts])):
            done = max(number / batches, (time.process_time() - begun) / self._seconds)
            if done >= 1:
                break
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * min(1, number / 50) * (1 - done)
            loss = nn.functional.cross_entropy(self._logits([texts[row] for row in rows]), torch.from_numpy(truth[rows]))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            self.passes = (number + 1) * BATCH / len(texts)
        self._body.eval()

    def probabilities(self, form: Shown) -> Floats:
        """float32 (n, classes)."""
        with torch.no_grad():
            shares: Floats = self._logits(_texts(form)).softmax(dim=1).numpy()
            return shares

    @property
    def size(self) -> int:
        """One byte a weight, as in the quantised encoder; it could not share that one's file."""
        return sum(p.numel() for part in (self._body, self._head) for p in part.parameters())

    def _logits(self, texts: Sequence[str]) -> Tensor:
        read = self._tokenizer(list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        states = self._body(**read).last_hidden_state
        mask = read["attention_mask"][:, :, None]
        logits: Tensor = self._head((states * mask).sum(dim=1) / mask.sum(dim=1))
        return logits


def _texts(form: Shown) -> list[str]:
    labels = ["", *(view.label for view in form.views), ""]
    return [
        " | ".join((view.label, view.placeholder, " ".join(view.name_words or view.id_words), labels[place], labels[place + 2]))
        for place, view in enumerate(form.views)
    ]


def _batches(lengths: Sequence[int]) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Rows in random batches of texts about equally long, again and again."""
    rng = np.random.default_rng(0)
    by_length = np.array(lengths)
    while True:
        order = rng.permutation(len(lengths))
        for start in range(0, len(order), BATCH * POOL):
            pool = order[start : start + BATCH * POOL]
            pool = pool[np.argsort(by_length[pool], kind="stable")]
            pieces = [pool[at : at + BATCH] for at in range(0, len(pool), BATCH)]
            yield from (pieces[place] for place in rng.permutation(len(pieces)))
