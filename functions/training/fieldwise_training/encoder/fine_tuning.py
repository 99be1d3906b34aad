"""Fine-tunes a sentence-transformer with its own trainer, epoch by epoch.

An epoch starts with a new optimiser, and is determined by the weights before it, its number, and the data. So a fine-tuning that goes
on after an interruption gives the same weights as one without.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch.utils.data import BatchSampler, SequentialSampler
from transformers import PrinterCallback, TrainerCallback

from fieldwise_training.encoder.rows import Row, TuningRows, batches
from fieldwise_training.progress.report import OnProgress, ProgressCounter
from fieldwise_training.release.draft import temporary_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 24
"""Rows of a batch; each has the other rows' texts as negatives."""
MAX_BATCHES = 60
"""Of an epoch."""
LEARNING_RATE = 1e-4
WARM_UP = 0.1
"""Share of an epoch's batches in which the learning rate rises."""
MAX_TOKENS = 16
"""Longer texts (one synonym in twenty) are truncated while training: the longest text of a batch determines how long it takes."""
THREADS = 2
"""Fixed, because sums in another order give other weights: the result must not depend on the number of cores."""
SEED = 0

AfterEpoch = Callable[[float], None]
"""Called after each epoch with its mean loss."""


def fine_tune(
    model: "SentenceTransformer", rows: TuningRows, epochs: int, done: int, on_progress: OnProgress, after_epoch: AfterEpoch
) -> None:
    """Trains `model` in place, within `reproducible`, from epoch `done` + 1 to `epochs`.

    The loss is MultipleNegativesRankingLoss, with a hard negative per row: cross-entropy over the cosines of an anchor to all
    positives and negatives of its batch (Henderson et al.: Efficient Natural Language Response Suggestion for Smart Reply, 2017).
    """
    planned = [batches(rows, BATCH, MAX_BATCHES, np.random.default_rng([SEED, epoch])) for epoch in range(epochs)]
    counter = ProgressCounter(on_progress, "batches trained on", sum(map(len, planned)))
    counter.add(sum(map(len, planned[:done])))
    length = model.max_seq_length
    model.max_seq_length = MAX_TOKENS
    try:
        for epoch in range(done, epochs):
            rate = LEARNING_RATE * (epochs - epoch) / epochs
            after_epoch(_train(model, planned[epoch], rate, epoch, _Shown(counter, f"epoch {epoch + 1} of {epochs}")))
    finally:
        model.max_seq_length = length
        model.eval()


def _train(model: "SentenceTransformer", planned: Sequence[Sequence[Row]], rate: float, seed: int, shown: "_Shown") -> float:
    """One epoch; returns its mean loss."""
    rows = [row for batch in planned for row in batch]
    columns = {name: [getattr(row, name) for row in rows] for name in ("anchor", "positive", "negative")}
    with temporary_folder() as folder:
        arguments = SentenceTransformerTrainingArguments(
            output_dir=str(folder),
            num_train_epochs=1,
            per_device_train_batch_size=BATCH,
            learning_rate=rate,
            warmup_steps=WARM_UP,
            seed=seed,
            use_cpu=True,
            disable_tqdm=True,
            logging_strategy="steps",
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            batch_sampler=lambda dataset, **_: _Planned(dataset, [len(batch) for batch in planned]),
        )
        trainer = _Trainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_dict(columns),
            loss=MultipleNegativesRankingLoss(model),
            callbacks=[shown],
        )
        trainer.remove_callback(PrinterCallback)  # it prints every loss
        return float(trainer.train().training_loss)


class _Planned(BatchSampler):
    """The rows in their order, in batches of the given sizes."""

    def __init__(self, dataset: Dataset, sizes: Sequence[int]) -> None:
        super().__init__(SequentialSampler(dataset), BATCH, False)
        self._sizes = sizes

    def __iter__(self) -> Iterator[list[int]]:
        start = 0
        for size in self._sizes:
            yield list(range(start, start + size))
            start += size

    def __len__(self) -> int:
        return len(self._sizes)


class _Trainer(SentenceTransformerTrainer):  # type: ignore[misc]  # the library is not typed
    """The trainer without a model card."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Does nothing: the callback prints progress bars, and nobody reads the card."""


@dataclass
class _Shown(TrainerCallback):  # type: ignore[misc]  # the library is not typed
    """Reports each batch with its loss."""

    counter: ProgressCounter
    epoch: str

    def on_log(self, *_: Any, logs: dict[str, float], **__: Any) -> None:
        """Called after each batch, and once at the end with the epoch's figures."""
        if "loss" in logs:
            self.counter.add(detail=f"{self.epoch}, loss {float(logs['loss']):.3f}")


@contextmanager
def reproducible() -> Iterator[None]:
    """Same inputs, same weights, within the block: a fixed number of threads, and only operations whose result does not vary."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    level = logging.getLogger("datasets").level
    logging.getLogger("datasets").setLevel(logging.ERROR)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(deterministic)
        torch.set_num_threads(threads)
        logging.getLogger("datasets").setLevel(level)
