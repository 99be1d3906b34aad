"""Batches of forms for training, varied as the web varies: old pages without types and ids, missing labels, other neighbours.

Every chance below is of leaving something out; nothing is ever made up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fieldwise_inference.classify.ranker.evidence import VIEWS
from fieldwise_inference.classify.ranker.model import WIDTH
from fieldwise_inference.classify.ranker.ngrams import Integers
from fieldwise_training.ranker.examples import Example
from fieldwise_training.ranker.network import Batch

FORMS_PER_BATCH = 48
"""With 24 the same figures on held-out forms take a third longer."""
CAPTURED = 0.45
"""A form as an old captured page shows it: labels and names alone."""
NO_OPTIONS = 0.5
"""Of the others, a form whose client sends no options and no maxlength."""
NO_LABEL, NO_NAME, NO_PLACEHOLDER, NO_ID, NO_TYPE = 0.08, 0.12, 0.15, 0.3, 0.1
FORGETS_LEXICON = 0.3
"""A field whose lexicon hits are each left out with even odds, so that n-grams learn to do without."""
NO_NEARNESS = 0.15
NO_GRAM = 0.15
PIECE, THINNED = 0.3, 0.2
"""A form of which only a run of fields, or all but a few, are shown."""
THINNING = 0.12

LABEL, PLACEHOLDER, NAME, ID, OPTIONS = range(len(VIEWS))
COLUMN_VIEWS = [LABEL, PLACEHOLDER, NAME, ID, LABEL]
"""The view that each lexical column reads: with the view, its hits are dropped."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All forms' evidence in one set of arrays; form f has the rows `starts[f]` to `starts[f + 1]`."""

    buckets: tuple[Integers, ...]
    firsts: tuple[Integers, ...]
    counts: tuple[Integers, ...]
    lexical: Integers
    near: Integers
    nearness: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    shape: Integers
    truth: Integers
    starts: Integers


def pooled(examples: Sequence[Example]) -> Corpus:
    """The examples, one after the other."""
    evidence = [e.evidence for e in examples]
    counts = tuple(np.concatenate([e.bags[view].counts for e in evidence]) for view in range(len(VIEWS)))
    return Corpus(
        buckets=tuple(np.concatenate([e.bags[view].buckets for e in evidence]) for view in range(len(VIEWS))),
        firsts=tuple(np.cumsum(c) - c for c in counts),
        counts=counts,
        lexical=np.concatenate([e.lexical for e in evidence]),
        near=np.concatenate([e.near for e in evidence]),
        nearness=np.concatenate([e.nearness for e in evidence]),
        shape=np.concatenate([e.shape for e in evidence]),
        truth=np.concatenate([e.truth for e in examples]),
        starts=np.concatenate([[0], np.cumsum([len(e.truth) for e in examples])]),
    )


def whole_forms(corpus: Corpus) -> Iterator[Batch]:
    """Every form, as it is, a batch each."""
    for first, last in zip(corpus.starts[:-1], corpus.starts[1:], strict=True):
        rows = np.arange(first, last)
        yield _batch(corpus, [rows], np.ones((len(rows), len(VIEWS)), bool), _Variation.none(len(rows)), None)


def varied(corpus: Corpus, rng: np.random.Generator) -> Iterator[Batch]:
    """One pass over the forms in random order, each varied."""
    order = rng.permutation(len(corpus.starts) - 1)
    for at in range(0, len(order), FORMS_PER_BATCH):
        forms = [_piece(np.arange(corpus.starts[f], corpus.starts[f + 1]), rng) for f in order[at : at + FORMS_PER_BATCH]]
        keep, variation = _variation(forms, rng)
        yield _batch(corpus, forms, keep, variation, rng)


def batches_in(corpus: Corpus) -> int:
    """How many batches `varied` gives."""
    return -(-(len(corpus.starts) - 1) // FORMS_PER_BATCH)


@dataclass(frozen=True, slots=True)
class _Variation:
    """Per row, what is kept of type and sizes, lexicon hits and nearness."""

    types: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    sizes: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    lexical: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    nearness: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    @classmethod
    def none(cls, rows: int) -> "_Variation":
        every = np.ones(rows, bool)
        return cls(every, every, np.ones((rows, len(COLUMN_VIEWS)), bool), every)


def _piece(rows: Integers, rng: np.random.Generator) -> Integers:
    chance = rng.random()
    if chance < PIECE and len(rows) > 3:
        length = int(rng.integers(2, len(rows) + 1))
        first = int(rng.integers(0, len(rows) - length + 1))
        return rows[first : first + length]
    if chance < PIECE + THINNED:
        kept = rows[rng.random(len(rows)) >= THINNING]
        return kept if len(kept) else rows
    return rows


def _variation(forms: Sequence[Integers], rng: np.random.Generator) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], _Variation]:
    lengths = [len(rows) for rows in forms]
    n = sum(lengths)
    captured = np.repeat(rng.random(len(forms)) < CAPTURED, lengths)
    no_options = captured | np.repeat(rng.random(len(forms)) < NO_OPTIONS, lengths)
    either = rng.random(n)
    keep = np.ones((n, len(VIEWS)), bool)
    keep[:, LABEL] = either >= NO_LABEL
    keep[:, NAME] = ~((either >= NO_LABEL) & (either < NO_LABEL + NO_NAME))
    keep[:, PLACEHOLDER] = ~captured & (rng.random(n) >= NO_PLACEHOLDER)
    keep[:, ID] = ~captured & (rng.random(n) >= NO_ID)
    keep[:, OPTIONS] = ~no_options
    forgets = (rng.random(n) < FORGETS_LEXICON)[:, None] & (rng.random((n, len(COLUMN_VIEWS))) < 0.5)
    return keep, _Variation(
        types=~captured & (rng.random(n) >= NO_TYPE),
        sizes=~no_options,
        lexical=keep[:, COLUMN_VIEWS] & ~forgets,
        nearness=keep[:, LABEL] & (rng.random(n) >= NO_NEARNESS),
    )


def _batch(
    corpus: Corpus,
    forms: Sequence[Integers],
    keep: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    variation: _Variation,
    rng: np.random.Generator | None,
) -> Batch:
    rows = np.concatenate(forms)
    grams = tuple(_grams(corpus, view, rows, keep[:, view], rng) for view in range(len(VIEWS)))
    shown = [variation.types, variation.sizes, variation.sizes, keep[:, LABEL], keep[:, NAME]]
    shape = corpus.shape[rows] * np.stack(shown, axis=1)
    lengths = [len(f) for f in forms]
    return Batch(
        grams=grams,
        lexical=torch.from_numpy(corpus.lexical[rows] * variation.lexical),
        near=torch.from_numpy(corpus.near[rows]),
        nearness=torch.from_numpy(corpus.nearness[rows] * variation.nearness[:, None].astype(np.float32)),
        shape=torch.from_numpy(shape),
        window=torch.from_numpy(_windows(lengths)),
        form=torch.from_numpy(np.repeat(np.arange(len(forms)), lengths)),
        truth=torch.from_numpy(corpus.truth[rows]),
    )


def _grams(
    corpus: Corpus, view: int, rows: Integers, keep: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], rng: np.random.Generator | None
) -> tuple[torch.Tensor, torch.Tensor]:
    counts = corpus.counts[view][rows] * keep
    owner = np.repeat(np.arange(len(rows)), counts)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    buckets = corpus.buckets[view][corpus.firsts[view][rows][owner] + offset]
    if rng is not None:
        kept = rng.random(len(buckets)) >= NO_GRAM
        buckets, counts = buckets[kept], np.bincount(owner[kept], minlength=len(rows))
    return torch.from_numpy(buckets), torch.from_numpy(counts.astype(np.int64))


def _windows(lengths: Sequence[int]) -> Integers:
    """For each row, the rows around it in its form; the number of rows where the form has ended."""
    total = sum(lengths)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    last = np.repeat(np.cumsum(lengths), lengths)
    around = np.arange(total)[:, None] + np.arange(WIDTH) - WIDTH // 2
    inside = (around >= first[:, None]) & (around < last[:, None])
    return np.where(inside, around, total)
