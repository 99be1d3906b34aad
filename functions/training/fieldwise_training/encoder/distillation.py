"""A static encoder, distilled from a transformer: a vector for each token; the vector of a text is the mean of its tokens'.

A label is a few words long, and their order says little: looking its tokens up finds the same synonyms as running six layers of attention
over them, in a hundredth of the time (docs/decisions/0023).

Sources: Tulkens and van Dongen, "Model2Vec: Fast State-of-the-Art Static Embeddings", 2024, for the vectors of single tokens; their
"Tokenlearn" for fitting means of tokens to the vectors of whole texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer

from fieldwise_inference.classify.ports import Vectors
from fieldwise_inference.serving.encoder import OnnxEncoder
from fieldwise_training.encoder.distillation_texts import DistillationTexts
from fieldwise_training.encoder.parallel import ParallelEncoder, cores
from fieldwise_training.progress.report import OnProgress, ProgressCounter

EPOCHS = 5
"""More bring the vectors nearer to the transformer's on the texts that are learned, and not on others."""
BATCH = 512
LEARNING_RATE = 2e-3
TOKENS_AT_ONCE = 512
SEED = 0


@dataclass(frozen=True, slots=True)
class Distilled:
    """A static encoder. `cosine`: the mean cosine of its vectors to the transformer's over unseen texts; None if there are none."""

    model: SentenceTransformer
    cosine: float | None


def distil(transformer: OnnxEncoder, tokenizer: Tokenizer, texts: DistillationTexts, on_progress: OnProgress) -> Distilled:
    """Distils a transformer, within `reproducible`: first its vector of each token alone, then fitted to its vectors of whole texts.

    `tokenizer`: the transformer's; it is changed.
    """
    tokenizer.no_truncation()
    tokenizer.no_padding()
    every = [*texts.learned, *texts.unseen]
    target = dict(zip(every, ParallelEncoder(transformer, on_progress).encode(every), strict=True))
    static = StaticEmbedding(tokenizer, embedding_weights=_of_tokens(transformer, tokenizer, on_progress))
    _fit(static, [text for text in texts.learned if target[text].any()], target, on_progress)
    model = SentenceTransformer(modules=[static, Normalize()], device="cpu")
    unseen = [text for text in texts.unseen if target[text].any()]
    cosines = [vector @ target[text] for vector, text in zip(model.encode(unseen, show_progress_bar=False), unseen, strict=True)]
    return Distilled(model, round(float(np.mean(cosines)), 4) if cosines else None)


def _of_tokens(transformer: OnnxEncoder, tokenizer: Tokenizer, on_progress: OnProgress) -> Vectors:
    """float32 (vocabulary, d): the transformer's vector of each token as a text of its own."""
    before, after = _around_a_text(tokenizer)
    size = tokenizer.get_vocab_size()
    counter = ProgressCounter(on_progress, "tokens embedded", size)

    def embedded(start: int) -> Vectors:
        ids = [(*before, token, *after) for token in range(start, min(size, start + TOKENS_AT_ONCE))]
        vectors = transformer.embed_tokens(ids)
        counter.add(len(ids))
        return vectors

    with ThreadPoolExecutor(cores()) as pool:
        return np.concatenate(list(pool.map(embedded, range(0, size, TOKENS_AT_ONCE))))


def _around_a_text(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """The special tokens before and after a text."""
    text = "a"
    own, whole = (tokenizer.encode(text, add_special_tokens=special).ids for special in (False, True))
    start = next(n for n in range(len(whole)) if whole[n : n + len(own)] == own)
    return whole[:start], whole[start + len(own) :]


def _fit(static: StaticEmbedding, texts: Sequence[str], target: Mapping[str, Vectors], on_progress: OnProgress) -> None:
    """Moves the vectors of the tokens, so that the means over `texts` point where the transformer's vectors do.

    The loss is one less the cosine. Only the rows of a batch's tokens are updated (SparseAdam).
    """
    tokens = {text: ids for text in texts if (ids := static.tokenizer.encode(text, add_special_tokens=False).ids)}
    known = list(tokens)
    weights = static.embedding.weight
    optimiser = torch.optim.SparseAdam([weights], lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 1 / EPOCHS, EPOCHS - 1)
    counter = ProgressCounter(on_progress, "texts distilled", EPOCHS * len(known))
    random = np.random.default_rng(SEED)
    for epoch in range(EPOCHS):
        for batch in _batches(random.permutation(len(known))):
            rows = [tokens[known[n]] for n in batch]
            ids, starts = torch.tensor(list(chain.from_iterable(rows))), torch.tensor(np.cumsum([0, *map(len, rows[:-1])]))
            means = torch.nn.functional.embedding_bag(ids, weights, starts, mode="mean", sparse=True)
            wanted = torch.tensor(np.stack([target[known[n]] for n in batch]))
            loss = 1 - torch.nn.functional.cosine_similarity(means, wanted).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()  # type: ignore[no-untyped-call]
            counter.add(len(batch), detail=f"epoch {epoch + 1} of {EPOCHS}, loss {loss.item():.3f}")
        schedule.step()


def _batches(order: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    return (order[start : start + BATCH] for start in range(0, len(order), BATCH))
