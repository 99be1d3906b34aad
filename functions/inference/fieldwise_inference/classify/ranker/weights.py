"""The ranker's weights: one network's as they are stored, and all members' as they are run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwise_inference.classify.ranker.evidence import Floats
from fieldwise_inference.classify.ranker.ngrams import Integers

EARLIER_NAMES = {"conv": "around", "conv_bias": "around_bias", "pool": "whole", "pool_bias": "whole_bias", "copy_logits": "boosts"}
"""What `ranker.npz` called them until features 2; to go with the last version of features 1."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One network. h: hidden width; d: width of an n-gram's vector; k: classes; m: ids + 1 (row 0: unknown)."""

    grams: Floats  # (BUCKETS, d)
    views: Floats  # (len(VIEWS), d, h)
    lexical: Floats  # (columns of the evidence, m, h)
    near: Floats  # (m, h)
    types: Floats  # (len(TYPES), h)
    maxlengths: Floats  # (22, h)
    options: Floats  # (16, h)
    label_runs: Floats  # (RUN_PLACES, h)
    name_runs: Floats  # (RUN_PLACES, h)
    bias: Floats  # (h,)
    norm: Floats  # (2, h): scale and shift
    conv: Floats  # (2, WIDTH * h, h): the two convolutions
    conv_bias: Floats  # (2, h)
    pool: Floats  # (h, h): what the form's mean adds
    pool_bias: Floats  # (h,)
    out: Floats  # (h, k)
    out_bias: Floats  # (k,)
    copy_logits: Floats  # (columns + 1,): what a hit in each column, and nearness, add to the class they name


@dataclass(frozen=True, slots=True)
class Stacked:
    """All g members' weights side by side, so that each step of a form is one call for all of them."""

    grams: Floats  # (BUCKETS, g * d): a bucket's vectors of all members lie together
    views: Floats  # (g, len(VIEWS) * d, h)
    rows: Floats  # (the tables of the columns of shape and lexical, one after the other; g, h)
    starts: Integers  # (columns,): where each column's table begins
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
    """The members side by side. Raises ValueError when their shapes differ."""

    def side_by_side(name: str, axis: int = 0) -> Floats:
        return np.stack([getattr(member, name) for member in members], axis=axis)

    tables = [side_by_side(name, axis=1) for name in ("types", "maxlengths", "options", "label_runs", "name_runs")]
    tables += list(side_by_side("lexical", axis=2))
    return Stacked(
        grams=np.concatenate([member.grams for member in members], axis=1),
        views=np.stack([np.concatenate(list(member.views)) for member in members]),
        rows=np.concatenate(tables),
        starts=np.cumsum([0, *(len(table) for table in tables[:-1])]),
        near=side_by_side("near", axis=1),
        bias=side_by_side("bias")[:, None],
        norm=side_by_side("norm", axis=1)[:, :, None],
        conv=side_by_side("conv", axis=1),
        conv_bias=side_by_side("conv_bias", axis=1)[:, :, None],
        pool=side_by_side("pool"),
        pool_bias=side_by_side("pool_bias")[:, None],
        out=side_by_side("out"),
        out_bias=side_by_side("out_bias")[:, None],
        copy_logits=side_by_side("copy_logits", axis=1),
    )


def weights_from(arrays: Mapping[str, NDArray[np.generic]], member: int) -> Weights:
    """The weights of one member from the arrays of `ranker.npz`, whose keys are `<member>.<name>`. Raises KeyError."""
    stored = {name: f"{member}.{name}" for name in Weights.__dataclass_fields__}
    named = {name: arrays[key if key in arrays else f"{member}.{EARLIER_NAMES.get(name, name)}"] for name, key in stored.items()}
    return Weights(**{name: array.astype(np.float32) for name, array in named.items()})
