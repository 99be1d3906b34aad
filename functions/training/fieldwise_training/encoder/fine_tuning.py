"""Fine-tunes a sentence-transformer with its own trainer, epoch by epoch.

An epoch starts with a new optimiser, and is determined by the weights before it, its number, and the data. So a fine-tuning that goes
on after an interruption gives the same weights as one without.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from datasets import Dataset, DatasetDict
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss, TripletLoss
from sentence_transformers.sentence_transformer.losses.triplet import TripletDistanceMetric
from torch.utils.data import BatchSampler, SequentialSampler
from transformers import PrinterCallback, TrainerCallback

from fieldwise_training.encoder.pairs import TuningData, pair_batches, rows_of_a_batch, triplets
from fieldwise_training.progress.report import OnProgress, ProgressCounter
from fieldwise_training.release.draft import temporary_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 96
"""Rows of a batch: each has the others as negatives, and there are 133 ids."""
MAX_BATCHES = 60
"""Of an epoch."""
LEARNING_RATE = 1e-4
WARM_UP = 0.1
"""Share of an epoch's batches in which the learning rate rises."""
MARGIN = 0.2
"""By how much the cosine of a text to its id must exceed that to the rejected one."""
MAX_TOKENS = 16
"""Longer texts (one synonym in twenty) are truncated while training: the longest text of a batch determines how long it takes."""
THREADS = 2
"""Fixed, because sums in another order give other weights: the result must not depend on the number of cores."""
SEED = 0

AfterEpoch = Callable[[int, float], None]
"""Called with the number of an epoch, from 1, and its mean loss."""


def fine_tune(
    model: "SentenceTransformer", data: TuningData, epochs: int, done: int, on_progress: OnProgress, after_epoch: AfterEpoch
) -> None:
    """Trains `model` in place, within `reproducible`, from epoch `done` + 1 to `epochs`.

    Pairs by MultipleNegativesRankingLoss: cross-entropy over the cosines to the other rows of the batch (Henderson et al.: Efficient
    Natural Language Response Suggestion for Smart Reply, 2017). Rejected texts by TripletLoss, which takes the row's own negative
    only: of a rejected text it is not known which other id it means.
    """
    size = rows_of_a_batch(data, BATCH)
    batches = batches_of(data, size)
    counter = ProgressCounter(on_progress, "batches trained on", epochs * (batches + _triplet_batches(data, batches, size)))
    counter.add(done * (batches + _triplet_batches(data, batches, size)))
    length = model.max_seq_length
    model.max_seq_length = MAX_TOKENS
    try:
        for epoch in range(done, epochs):
            rng = np.random.default_rng([SEED, epoch])
            rows = {"pairs": _columns(pair_batches(data, size, batches, rng), "anchor", "positive")}
            losses: dict[str, torch.nn.Module] = {"pairs": MultipleNegativesRankingLoss(model)}
            rejected = triplets(data, _triplet_batches(data, batches, size) * size, rng)
            if rejected:
                rows["rejected"] = _columns(rejected, "anchor", "positive", "negative")
                losses["rejected"] = TripletLoss(model, TripletDistanceMetric.COSINE, MARGIN)
            rate = LEARNING_RATE * (epochs - epoch) / epochs
            shown = _Shown(counter, f"epoch {epoch + 1} of {epochs}")
            after_epoch(epoch + 1, _train(model, DatasetDict(rows), losses, size, rate, epoch, shown))
    finally:
        model.max_seq_length = length
        model.eval()


def batches_of(data: TuningData, size: int) -> int:
    """Batches of pairs in an epoch: each text once on average, at most `MAX_BATCHES`."""
    return min(MAX_BATCHES, ceil(data.pairs / size))


def _triplet_batches(data: TuningData, batches: int, size: int) -> int:
    """At most a third of the batches are of rejected texts."""
    return min(ceil(batches / 2), ceil(len(data.rejected) / size))


def _columns(rows: list[Any], *names: str) -> Dataset:
    return Dataset.from_dict({name: [row[number] for row in rows] for number, name in enumerate(names)})


def _train(
    model: "SentenceTransformer", rows: DatasetDict, losses: dict[str, torch.nn.Module], size: int, rate: float, seed: int, shown: "_Shown"
) -> float:
    """One epoch; returns its mean loss."""
    with temporary_folder() as folder:
        arguments = SentenceTransformerTrainingArguments(
            output_dir=str(folder),
            num_train_epochs=1,
            per_device_train_batch_size=size,
            learning_rate=rate,
            warmup_steps=WARM_UP,
            seed=seed,
            use_cpu=True,
            disable_tqdm=True,
            logging_strategy="steps",
            logging_steps=1,
            save_strategy="no",
            report_to="none",
        )
        trainer = _Trainer(model=model, args=arguments, train_dataset=rows, loss=losses, callbacks=[shown])
        trainer.remove_callback(PrinterCallback)  # it prints every loss
        return float(trainer.train().training_loss)


class _Trainer(SentenceTransformerTrainer):  # type: ignore[misc]  # the library is not typed
    """The trainer without a model card, and with the batches as they are in the data."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Does nothing: the callback prints progress bars, and nobody reads the card."""

    def get_batch_sampler(self, dataset: Dataset, batch_size: int, drop_last: bool, **_: Any) -> BatchSampler:
        """Rows in their order, see `pair_batches`."""
        return BatchSampler(SequentialSampler(dataset), batch_size, drop_last)


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
