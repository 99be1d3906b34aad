"""Whose data a field asks for, and what that means for the ids: only the user's own are filled."""

from functools import lru_cache

import numpy as np

from fieldwise_common.canonical import NOTHING, about
from fieldwise_inference.classify.ranker.evidence import Floats

SELF = "self"
EARLIER = "earlier"
"""The user's own, of an earlier time: a former employer is an entry of the profile's, a former address is not."""


def may_be_filled(owner: str, canonical: str) -> bool:
    """Whether a field with this id is filled if it is this owner's."""
    return owner == SELF or (owner == EARLIER and about(canonical).list is not None)


def own(probabilities: Floats, whose: Floats, classes: tuple[str, ...], owners: tuple[str, ...]) -> Floats:
    """Float (..., classes): the probabilities of ids, times that of the field being the user's; `none` gets the rest.

    `probabilities`: (..., classes), rows summing to 1; `whose`: (..., owners), likewise.
    """
    shares: Floats = probabilities * (whose @ _fillable(classes, owners))
    nothing = classes.index(NOTHING)
    shares[..., nothing] = 0
    shares[..., nothing] = 1 - shares.sum(axis=-1)
    return shares


@lru_cache(maxsize=8)
def _fillable(classes: tuple[str, ...], owners: tuple[str, ...]) -> Floats:
    """float32 (owners, classes): 1 where `may_be_filled`, else 0. Cached, so it must not be modified."""
    return np.array([[may_be_filled(owner, name) for name in classes] for owner in owners], np.float32)
