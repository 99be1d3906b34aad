"""Batches of forms for the network, augmented for training: old pages without types and ids, missing labels, other neighbours, other words.

Parts of a form are left out, and labels that the lexicon knows are replaced by others of the same meaning (`synonyms`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.model import WIDTH
from fieldwise_inference.classify.ranker.ngrams import Integers, bags
from fieldwise_training.ranker.examples import Example, Mask
from fieldwise_training.ranker.network import COLUMNS, SHAPE, VIEWS, Batch
from fieldwise_training.ranker.synonyms import Synonyms

FORMS_PER_BATCH = 48
"""With 24, training takes a third longer for the same accuracy on held-out forms."""

# Probabilities, per form
CROP, THIN = 0.3, 0.2
"""Only a run of consecutive fields is shown; or each field is dropped with probability `DROP_FIELD`."""
DROP_FIELD = 0.12
CAPTURED = 0.45
"""Only labels and names are shown, as in a capture of an old page."""
DROP_SIZES = 0.5
"""Options and maxlength are dropped, as by a client that does not send them; of the forms that are not `CAPTURED`."""
WITHOUT_CONTEXT = 0.65
"""Of a form that has examples with and without what stands around its fields, the one without is shown: most clients send none of it. With
0.5, real forms lost a point of recall once ordinary forms had headings too (docs/decisions/0015)."""
DROP_PLACE = 0.3
"""Where the form is from is dropped, as in short forms, whose fields do not tell."""
DROP_CONTEXT = 0.2
"""Each of section, nearby text and form is dropped, as by a client that sends some of them."""

# Probabilities, per field
DROP_LABEL, DROP_NAME, DROP_PLACEHOLDER, DROP_ID, DROP_TYPE = 0.08, 0.12, 0.15, 0.3, 0.1
DROP_LEXICON = 0.3
"""Each lexicon hit of the field is dropped with probability 0.5, so that the n-grams are trained to do without."""
DROP_ATTRIBUTE = 0.3
"""The `autocomplete` attribute, of the forms that are not `CAPTURED`: most fields have none."""
DROP_NEARNESS = 0.15
DROP_NGRAM = 0.25
"""Per n-gram."""

OTHER_WORDS = 0.4
"""Per form: labels of it are replaced by synonyms, each that the lexicon knows with probability `REPLACE`."""
REPLACE = 0.8

LABEL, PLACEHOLDER, NAME, ID, OPTIONS, SECTION, NEAR, FORM = map(
    VIEWS.index, ("label", "placeholder", "name", "id", "options", "section", "near", "form")
)
ATTRIBUTE, LABEL_COLUMN = map(COLUMNS.index, ("autocomplete", "label"))
COLUMN_VIEWS = [VIEWS.index(column if column in VIEWS else "label") for column in COLUMNS]
"""The view that each lexical column reads: its hits are dropped with the view. `fuzzy` reads the label; `autocomplete` none."""
SHAPE_VIEWS = {"label_runs": LABEL, "name_runs": NAME, "label_repeats": LABEL, "section_runs": SECTION}
"""The columns of the shape that read a view."""


@dataclass(frozen=True, slots=True)
class PackedForms:
    """The evidence of all examples, concatenated; example e has the rows `starts[e]` to `starts[e + 1]`.

    `forms`: the numbers of each form's examples: one, or the one with and the one without what stands around the fields. `synonyms`: the
    texts that labels may be replaced by; their n-grams are the last of the labels' `buckets`. None: labels stay as they are.
    """

    buckets: tuple[Integers, ...]
    firsts: tuple[Integers, ...]
    counts: tuple[Integers, ...]
    lexical: Integers
    near: Integers
    nearness: Floats
    blocks: Integers
    shape: Integers
    truth: Integers
    weight: Floats
    is_rejected: Mask
    whose: Integers
    starts: Integers
    forms: tuple[tuple[int, ...], ...]
    synonyms: Synonyms | None = None


@dataclass(frozen=True, slots=True)
class _Masks:
    """Which inputs are kept: bool (rows, views), (rows,), (rows,), (rows, lexical columns), (rows,), (rows,)."""

    views: Mask
    types: Mask
    sizes: Mask
    lexical: Mask
    nearness: Mask
    places: Mask


def pack(examples: Sequence[Example], synonyms: Synonyms | None = None) -> PackedForms:
    """Concatenates the examples. `synonyms`: see `PackedForms`."""
    evidence = [e.evidence for e in examples]
    of_texts = [bags(e.texts) for e in evidence]
    of_views = [[own.take(e.views[:, view]) for own, e in zip(of_texts, evidence, strict=True)] for view in range(len(VIEWS))]
    counts = tuple(np.concatenate([bag.counts for bag in of_view]) for of_view in of_views)
    forms: dict[int, list[int]] = {}
    for number, example in enumerate(examples):
        forms.setdefault(example.lesson, []).append(number)
    buckets = [np.concatenate([bag.buckets for bag in of_view]) for of_view in of_views]
    if synonyms is not None:
        buckets[LABEL] = np.concatenate([buckets[LABEL], synonyms.texts.buckets])
    return PackedForms(
        buckets=tuple(buckets),
        firsts=tuple(np.cumsum(c) - c for c in counts),
        counts=counts,
        lexical=np.concatenate([e.lexical for e in evidence]),
        near=np.concatenate([e.near for e in evidence]),
        nearness=np.concatenate([e.nearness for e in evidence]),
        blocks=np.concatenate([e.blocks for e in evidence]),
        shape=np.concatenate([e.shape for e in evidence]),
        truth=np.concatenate([e.truth for e in examples]),
        weight=np.concatenate([e.weight for e in examples]),
        is_rejected=np.concatenate([e.is_rejected for e in examples]),
        whose=np.concatenate([e.whose for e in examples]),
        forms=tuple(map(tuple, forms.values())),
        starts=np.concatenate([[0], np.cumsum([len(e.truth) for e in examples])]),
        synonyms=synonyms,
    )


def evaluation_batches(packed: PackedForms) -> Iterator[Batch]:
    """Every example unchanged, one per batch."""
    for first, last in zip(packed.starts[:-1], packed.starts[1:], strict=True):
        rows = np.arange(first, last)
        yield _batch(packed, [rows], _all_kept(len(rows)), None)


def augmented_batches(packed: PackedForms, rng: np.random.Generator) -> Iterator[Batch]:
    """One epoch: the forms in random order, each augmented."""
    order = rng.permutation(len(packed.forms))
    for at in range(0, len(order), FORMS_PER_BATCH):
        chosen = [_variant(packed.forms[form], rng) for form in order[at : at + FORMS_PER_BATCH]]
        forms = [_cropped(np.arange(packed.starts[e], packed.starts[e + 1]), rng) for e in chosen]
        yield _batch(packed, forms, _random_masks(forms, rng), rng)


def batches_per_epoch(packed: PackedForms) -> int:
    """How many batches `augmented_batches` yields."""
    return -(-len(packed.forms) // FORMS_PER_BATCH)


def _all_kept(rows: int) -> _Masks:
    every = np.ones(rows, bool)
    return _Masks(np.ones((rows, len(VIEWS)), bool), every, every, np.ones((rows, len(COLUMN_VIEWS)), bool), every, every)


def _variant(examples: tuple[int, ...], rng: np.random.Generator) -> int:
    """One of a form's examples. The one without context is the last."""
    return examples[-1] if len(examples) > 1 and rng.random() < WITHOUT_CONTEXT else examples[0]


def _cropped(rows: Integers, rng: np.random.Generator) -> Integers:
    chance = rng.random()
    if chance < CROP and len(rows) > 3:
        length = int(rng.integers(2, len(rows) + 1))
        first = int(rng.integers(0, len(rows) - length + 1))
        return rows[first : first + length]
    if chance < CROP + THIN:
        kept = rows[rng.random(len(rows)) >= DROP_FIELD]
        return kept if len(kept) else rows
    return rows


def _random_masks(forms: Sequence[Integers], rng: np.random.Generator) -> _Masks:
    lengths = [len(rows) for rows in forms]
    n = sum(lengths)
    captured = np.repeat(rng.random(len(forms)) < CAPTURED, lengths)
    no_sizes = captured | np.repeat(rng.random(len(forms)) < DROP_SIZES, lengths)
    label_or_name = rng.random(n)  # one draw for both: a field never loses its label and its name
    views = np.ones((n, len(VIEWS)), bool)
    views[:, LABEL] = label_or_name >= DROP_LABEL
    views[:, NAME] = ~((label_or_name >= DROP_LABEL) & (label_or_name < DROP_LABEL + DROP_NAME))
    views[:, PLACEHOLDER] = ~captured & (rng.random(n) >= DROP_PLACEHOLDER)
    views[:, ID] = ~captured & (rng.random(n) >= DROP_ID)
    views[:, OPTIONS] = ~no_sizes
    for view in (SECTION, NEAR, FORM):
        views[:, view] = np.repeat(rng.random(len(forms)) >= DROP_CONTEXT, lengths)
    lexicon_dropped = (rng.random(n) < DROP_LEXICON)[:, None] & (rng.random((n, len(VIEWS))) < 0.5)
    lexical = views[:, COLUMN_VIEWS] & ~lexicon_dropped[:, COLUMN_VIEWS]
    lexical[:, ATTRIBUTE] = ~captured & (rng.random(n) >= DROP_ATTRIBUTE)
    return _Masks(
        views=views,
        types=~captured & (rng.random(n) >= DROP_TYPE),
        sizes=~no_sizes,
        lexical=lexical,
        nearness=views[:, LABEL] & (rng.random(n) >= DROP_NEARNESS),
        places=np.repeat(rng.random(len(forms)) >= DROP_PLACE, lengths),
    )


def _batch(packed: PackedForms, forms: Sequence[Integers], masks: _Masks, rng: np.random.Generator | None) -> Batch:
    """The rows of `forms` with `masks` applied; with `rng`, n-grams are dropped as well."""
    rows = np.concatenate(forms)
    found = [(packed.firsts[view][rows], packed.counts[view][rows]) for view in range(len(VIEWS))]
    if rng is not None and packed.synonyms is not None and len(packed.synonyms.texts.counts):
        found[LABEL] = _in_other_words(packed, packed.synonyms, forms, rng)
    grams = tuple(_grams(packed.buckets[view], *found[view], masks.views[:, view], rng) for view in range(len(VIEWS)))
    own_masks = {
        "types": masks.types,
        "maxlengths": masks.sizes,
        "options": masks.sizes,
        "option_kinds": masks.sizes,
        "places": masks.places,
    }
    shape_masks = [own_masks[column] if column in own_masks else masks.views[:, SHAPE_VIEWS[column]] for column in SHAPE]
    lengths = [len(f) for f in forms]
    return Batch(
        grams=grams,
        lexical=torch.from_numpy(packed.lexical[rows] * masks.lexical),
        near=torch.from_numpy(packed.near[rows]),
        nearness=torch.from_numpy(packed.nearness[rows] * masks.nearness[:, None].astype(np.float32)),
        shape=torch.from_numpy(packed.shape[rows] * np.stack(shape_masks, axis=1)),
        window=torch.from_numpy(_windows(lengths)),
        form=torch.from_numpy(np.repeat(np.arange(len(forms)), lengths)),
        block=torch.from_numpy(_renumbered(packed.blocks[rows], np.repeat(np.arange(len(forms)), lengths))),
        truth=torch.from_numpy(packed.truth[rows]),
        weight=torch.from_numpy(packed.weight[rows]),
        is_rejected=torch.from_numpy(packed.is_rejected[rows]),
        whose=torch.from_numpy(packed.whose[rows]),
    )


def _in_other_words(
    packed: PackedForms, synonyms: Synonyms, forms: Sequence[Integers], rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """For the label of each row, where its n-grams begin and how many there are: some labels are replaced by synonyms."""
    rows = np.concatenate(forms)
    of_form = np.repeat(rng.random(len(forms)) < OTHER_WORDS, [len(form) for form in forms])
    drawn = synonyms.drawn(packed.lexical[rows, LABEL_COLUMN], rng)
    is_replaced = of_form & (rng.random(len(rows)) < REPLACE) & (drawn >= 0)
    counts = synonyms.texts.counts
    firsts = len(packed.buckets[LABEL]) - len(synonyms.texts.buckets) + np.cumsum(counts) - counts
    return np.where(is_replaced, firsts[drawn], packed.firsts[LABEL][rows]), np.where(
        is_replaced, counts[drawn], packed.counts[LABEL][rows]
    )


def _grams(
    buckets: Integers, firsts: Integers, counts: Integers, keep: Mask, rng: np.random.Generator | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """The n-grams of one view of all rows, and their number in each row."""
    counts = counts * keep
    owner = np.repeat(np.arange(len(counts)), counts)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = buckets[firsts[owner] + offset]
    if rng is not None:
        kept = rng.random(len(found)) >= DROP_NGRAM
        found, counts = found[kept], np.bincount(owner[kept], minlength=len(counts))
    return torch.from_numpy(found), torch.from_numpy(counts.astype(np.int64))


def _renumbered(blocks: Integers, form: Integers) -> Integers:
    """Int (rows,): the blocks of several forms, numbered from 0 over all of them."""
    starts = (np.diff(blocks, prepend=-1) != 0) | (np.diff(form, prepend=-1) != 0)
    return np.cumsum(starts) - 1


def _windows(lengths: Sequence[int]) -> Integers:
    """Int (rows, WIDTH): for each row, the rows around it in its form; `rows` (one past the end) is padding."""
    total = sum(lengths)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    last = np.repeat(np.cumsum(lengths), lengths)
    around = np.arange(total)[:, None] + np.arange(WIDTH) - WIDTH // 2
    inside = (around >= first[:, None]) & (around < last[:, None])
    return np.where(inside, around, total)
