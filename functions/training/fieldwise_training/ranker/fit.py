"""Trains a network: weighted cross-entropy, AdamW, one-cycle learning rate (Smith and Topin, 2018, "Super-Convergence")."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_training.ranker.batches import PackedForms, augmented_batches, batches_per_epoch, evaluation_batches
from fieldwise_training.ranker.network import Batch, Network
from fieldwise_training.ranker.plan import Plan

WEIGHT_DECAY = 0.01
MAX_GRAD_NORM = 1.0
WHOSE_WEIGHT = 0.5
"""Of the loss about whose field it is, beside that about its class."""


def fit(
    network: Network,
    forms: PackedForms,
    seed: int,
    epochs: int,
    after_epoch: Callable[[float], None] = lambda _: None,
    learning_rate: float = Plan().learning_rate,
) -> None:
    """Trains in place, deterministically for a seed on one machine. `after_epoch` is called with each epoch's mean loss.

    `learning_rate`: the highest of the schedule.
    """
    torch.set_num_threads(1)  # the tensors are small: it is faster to train one network per core
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=WEIGHT_DECAY, fused=True)
    steps = max(2, epochs * batches_per_epoch(forms))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, learning_rate, total_steps=steps, pct_start=0.1)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)  # allocated once, so that the n-grams' sparse gradients are added to a dense one
    network.train()
    for _ in range(epochs):
        losses = []
        for batch in augmented_batches(forms, rng):
            classes, whose = network(batch)
            loss = loss_of(classes, whose, batch)
            optimiser.zero_grad(set_to_none=False)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), MAX_GRAD_NORM)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        after_epoch(float(np.mean(losses)))
    network.eval()


def loss_of(logits: Tensor, whose: Tensor, batch: Batch) -> Tensor:
    """The mean loss of a batch, weighted by field: -log p of the class, or -log (1 - p) of a class that the field does not have.

    1 - p is the sum of the other classes' probabilities, so that a class is pushed down also where p is 1 in float32. The gradient of a
    logit is at most the field's weight in both cases: one wrong rejection outweighs nothing.

    `logits`: float (N, classes). `whose`: float (N, owners), whose loss counts `WHOSE_WEIGHT` where the owner is known.
    """
    log_p = nn.functional.log_softmax(logits, dim=1)
    other = log_p.scatter(1, batch.truth[:, None], -torch.inf).logsumexp(dim=1)
    losses = -torch.where(batch.is_rejected, other, log_p.gather(1, batch.truth[:, None])[:, 0])
    of_owner = nn.functional.cross_entropy(whose, batch.whose.clamp(min=0), reduction="none") * (batch.whose >= 0)
    return ((losses + WHOSE_WEIGHT * of_owner) * batch.weight).sum() / batch.weight.sum().clamp(min=1)


def logits(network: Network, forms: PackedForms) -> tuple[Floats, Floats]:
    """float32 (fields, classes) and (fields, owners) of the forms, without augmentation."""
    with torch.no_grad():
        found = [network(batch) for batch in evaluation_batches(forms)]
    classes, whose = (torch.cat(part).numpy() for part in zip(*found, strict=True))
    return classes, whose
