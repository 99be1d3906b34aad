"""Fitting the network: cross-entropy, AdamW, one learning-rate cycle (Smith, 2018, "Super-Convergence")."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_training.ranker.batches import Corpus, batches_in, varied, whole_forms
from fieldwise_training.ranker.network import Network

PEAK_RATE = 5e-3
WEIGHT_DECAY = 0.01
LONGEST_STEP = 1.0
"""Norm to which gradients are cut."""


def fit(network: Network, corpus: Corpus, seed: int, epochs: int, after_epoch: Callable[[float], None] = lambda _: None) -> None:
    """Trains in place, the same way for the same seed on one machine. `after_epoch` hears each epoch's mean loss."""
    torch.set_num_threads(1)  # the tensors are small: cores do more good when they fit a network each
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    steps = max(2, epochs * batches_in(corpus))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.1)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)  # kept and cleared: the n-grams' sparse gradients are added into theirs
    network.train()
    for _ in range(epochs):
        losses = []
        for batch in varied(corpus, rng):
            loss = nn.functional.cross_entropy(network(batch), batch.truth)
            optimiser.zero_grad(set_to_none=False)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), LONGEST_STEP)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        after_epoch(float(np.mean(losses)))
    network.eval()


def logits(network: Network, corpus: Corpus) -> Floats:
    """float32 (fields, classes) of every form of the corpus as it is."""
    with torch.no_grad():
        found: Floats = torch.cat([network(batch) for batch in whole_forms(corpus)]).numpy()
        return found
