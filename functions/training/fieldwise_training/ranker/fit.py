"""Fitting the network: cross-entropy, AdamW, one learning-rate cycle (Smith, 2018, "Super-Convergence")."""

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_training.ranker.batches import Corpus, batches_in, varied, whole_forms
from fieldwise_training.ranker.network import Network

PEAK_RATE = 5e-3
WEIGHT_DECAY = 0.01
LONGEST_STEP = 1.0
"""Norm to which gradients are cut."""


def fit(network: Network, corpus: Corpus, seed: int, epochs: int) -> None:
    """Trains in place, the same way for the same seed; shows its progress where somebody watches."""
    torch.set_num_threads(1)  # the tensors are small: a second thread costs more than it brings
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    steps = max(2, epochs * batches_in(corpus))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.1)
    network.train()
    for _ in (bar := tqdm(range(epochs), desc=f"ranker {seed + 1}", unit="epoch", disable=None)):
        losses = []
        for batch in varied(corpus, rng):
            loss = nn.functional.cross_entropy(network(batch), batch.truth)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), LONGEST_STEP)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        bar.set_postfix(loss=f"{np.mean(losses):.3f}")
    network.eval()


def logits(network: Network, corpus: Corpus) -> Floats:
    """float32 (fields, classes) of every form of the corpus as it is."""
    with torch.no_grad():
        found: Floats = torch.cat([network(batch) for batch in whole_forms(corpus)]).numpy()
        return found
