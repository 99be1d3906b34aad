"""The ranker's weights: of one network, as stored, and of the whole ensemble, stacked for inference."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.ngrams import Integers

Stored = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Weights:
    """One network, in the precision it is stored in.

    h: hidden size; d: size of an n-gram's embedding; k: classes; m: ids + 1 (row 0: no match); o: owners; v and c: the numbers of
    views and of lexical columns of its `Layout`.
    """

    grams: Stored  # (BUCKETS, d)
    views: Stored  # (v, d, h)
    lexical: Stored  # (c, m, h)
    near: Stored  # (m, h)
    types: Stored  # (len(TYPES), h)
    maxlengths: Stored  # (22, h)
    options: Stored  # (16, h)
    label_runs: Stored  # (RUN_POSITIONS, h)
    name_runs: Stored  # (RUN_POSITIONS, h)
    bias: Stored  # (h,)
    norm: Stored  # (2, h): scale and shift
    conv: Stored  # (2, WIDTH * h, h): the two convolutions
    conv_bias: Stored  # (2, h)
    pool: Stored  # (h, h): applied to the mean over the form's fields
    pool_bias: Stored  # (h,)
    out: Stored  # (h, k)
    out_bias: Stored  # (k,)
    copy_logits: Stored  # (c + 1,): what a match in each column, and nearness, add to the logit of the class they name
    label_repeats: Stored  # (RUN_POSITIONS, h)
    section_runs: Stored  # (MAX_SECTION + 1, h)
    block: Stored  # (h, h): applied to the mean over the field's block
    whose: Stored  # (h, o)
    whose_bias: Stored  # (o,)
    # from features 4 on; without effect in a ranker trained before
    option_kinds: Stored  # (len(KINDS), h)
    places: Stored  # (len(PLACES), h)


@dataclass(frozen=True, slots=True)
class Stacked:
    """The weights of all g members, stacked, so that one numpy call computes a step for all of them."""

    grams: NDArray[np.floating]  # (BUCKETS, g * d), of the type that is stored: a bucket's embeddings in all members are adjacent
    views: Floats  # (g, v * d, h)
    rows: Floats  # (rows, g, h): the tables of the columns of shape and lexical, concatenated
    starts: Integers  # (columns of shape and lexical,): the first row of each column's table
    near: Floats  # (m, g, h)
    bias: Floats  # (g, 1, h)
    norm: Floats  # (2, g, 1, h)
    conv: Floats  # (2, g, WIDTH * h, h)
    conv_bias: Floats  # (2, g, 1, h)
    pool: Floats  # (g, h, h)
    pool_bias: Floats  # (g, 1, h)
    out: Floats  # (g, h, k)
    out_bias: Floats  # (g, 1, k)
    copy_logits: Floats  # (c + 1, g)
    block: Floats  # (g, h, h)
    whose: Floats  # (g, h, o)
    whose_bias: Floats  # (g, 1, o)


def stacked(members: Iterable[Weights], number: int, shape: Sequence[str]) -> Stacked:
    """Stacks `number` members as float32, the table of n-grams as it is stored.

    `shape`: the columns of the evidence's shape, as `Layout` has them.

    Of members that are read one by one, only one table of n-grams is in memory beside the stacked one. Raises ValueError if the
    members' shapes differ.
    """
    grams: NDArray[np.floating] = np.empty((0, 0, 0), np.float32)
    others: list[Weights] = []
    for position, member in enumerate(members):
        if not position:
            grams = np.empty((len(member.grams), number, member.grams.shape[1]), member.grams.dtype)
        grams[:, position] = member.grams
        others.append(replace(member, grams=np.empty(0)))

    def stack(name: str, axis: int = 0) -> Floats:
        return np.stack([getattr(member, name) for member in others], axis=axis, dtype=np.float32)

    tables = [stack(name, axis=1) for name in shape]
    tables += list(stack("lexical", axis=2))
    return Stacked(
        grams=grams.reshape(len(grams), -1),
        views=np.stack([np.concatenate(list(member.views)) for member in others], dtype=np.float32),
        rows=np.concatenate(tables),
        starts=np.cumsum([0, *(len(table) for table in tables[:-1])]),
        near=stack("near", axis=1),
        bias=stack("bias")[:, None],
        norm=stack("norm", axis=1)[:, :, None],
        conv=stack("conv", axis=1),
        conv_bias=stack("conv_bias", axis=1)[:, :, None],
        pool=stack("pool"),
        pool_bias=stack("pool_bias")[:, None],
        out=stack("out"),
        out_bias=stack("out_bias")[:, None],
        copy_logits=stack("copy_logits", axis=1),
        block=stack("block"),
        whose=stack("whose"),
        whose_bias=stack("whose_bias")[:, None],
    )


def weights_from(arrays: Mapping[str, NDArray[np.generic]], member: int) -> Weights:
    """The weights of one member, from the arrays of `ranker.npz`, whose keys are `<member>.<name>`.

    Raises KeyError if one is missing that rankers of all features have.
    """
    hidden = arrays[f"{member}.out"].shape[0]
    added = dict.fromkeys(("option_kinds", "places"), (0, hidden))
    stored = {name: f"{member}.{name}" for name in Weights.__dataclass_fields__}
    found = {name: arrays[key] if key in arrays or name not in added else np.zeros(added[name]) for name, key in stored.items()}
    return Weights(**found)
