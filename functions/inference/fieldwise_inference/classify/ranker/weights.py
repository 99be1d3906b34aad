"""The ranker's weights: of one network, as stored, and of the whole ensemble, stacked for inference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.ngrams import Integers

EARLIER_NAMES = {"conv": "around", "conv_bias": "around_bias", "pool": "whole", "pool_bias": "whole_bias", "copy_logits": "boosts"}
"""The arrays' names in `ranker.npz` before features 2. Delete this together with features 1."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One network. h: hidden size; d: size of an n-gram's embedding; k: classes; m: ids + 1 (row 0: no match)."""

    grams: Floats  # (BUCKETS, d)
    views: Floats  # (len(VIEWS), d, h)
    lexical: Floats  # (columns of the evidence, m, h)
    near: Floats  # (m, h)
    types: Floats  # (len(TYPES), h)
    maxlengths: Floats  # (22, h)
    options: Floats  # (16, h)
    label_runs: Floats  # (RUN_POSITIONS, h)
    name_runs: Floats  # (RUN_POSITIONS, h)
    bias: Floats  # (h,)
    norm: Floats  # (2, h): scale and shift
    conv: Floats  # (2, WIDTH * h, h): the two convolutions
    conv_bias: Floats  # (2, h)
    pool: Floats  # (h, h): applied to the mean over the form's fields
    pool_bias: Floats  # (h,)
    out: Floats  # (h, k)
    out_bias: Floats  # (k,)
    copy_logits: Floats  # (columns + 1,): what a match in each column, and nearness, add to the logit of the class they name


@dataclass(frozen=True, slots=True)
class Stacked:
    """The weights of all g members, stacked, so that one numpy call computes a step for all of them."""

    grams: Floats  # (BUCKETS, g * d): the embeddings of a bucket in all members are adjacent in memory
    views: Floats  # (g, len(VIEWS) * d, h)
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
    copy_logits: Floats  # (columns + 1, g)


def stacked(members: Sequence[Weights]) -> Stacked:
    """Stacks the members. Raises ValueError if their shapes differ."""

    def stack(name: str, axis: int = 0) -> Floats:
        return np.stack([getattr(member, name) for member in members], axis=axis)

    tables = [stack(name, axis=1) for name in ("types", "maxlengths", "options", "label_runs", "name_runs")]
    tables += list(stack("lexical", axis=2))
    return Stacked(
        grams=np.concatenate([member.grams for member in members], axis=1),
        views=np.stack([np.concatenate(list(member.views)) for member in members]),
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
    )


def weights_from(arrays: Mapping[str, NDArray[np.generic]], member: int) -> Weights:
    """The weights of one member, from the arrays of `ranker.npz`, whose keys are `<member>.<name>`. Raises KeyError if one is missing."""
    stored = {name: f"{member}.{name}" for name in Weights.__dataclass_fields__}
    named = {name: arrays[key if key in arrays else f"{member}.{EARLIER_NAMES.get(name, name)}"] for name, key in stored.items()}
    return Weights(**{name: array.astype(np.float32) for name, array in named.items()})
