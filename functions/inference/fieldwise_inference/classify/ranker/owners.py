"""Whose data a field asks for, and what that means for the ids: only the user's own are filled."""

import numpy as np

from fieldwise_common.canonical import NOTHING
from fieldwise_inference.classify.ranker.evidence import Floats

SELF = "self"
EARLIER = "earlier"
"""The user's own, of an earlier time: a former employer is an entry of the profile's, a former address is not."""
ENTRIES = frozenset(
    "organization organization-title job-start-date job-start-month job-start-year job-end-date job-end-month job-end-year job-location"
    " job-description current-job school degree field-of-study education-start-date education-start-month education-start-year"
    " education-end-date education-end-month graduation-year gpa project-name project-url project-description".split()
)
"""The ids of which a profile has one per job, school or project."""


def own(probabilities: Floats, whose: Floats, classes: tuple[str, ...], owners: tuple[str, ...]) -> Floats:
    """Float (..., classes): the probabilities of ids, times that of the field being the user's; `none` gets the rest.

    `probabilities`: (..., classes), rows summing to 1; `whose`: (..., owners), likewise. Without owners, the same probabilities.
    """
    if not owners:
        return probabilities
    of_user = whose[..., [owners.index(SELF)]]
    earlier = whose[..., [owners.index(EARLIER)]] * np.array([name in ENTRIES for name in classes], np.float32)
    shares: Floats = probabilities * (of_user + earlier)
    nothing = classes.index(NOTHING)
    shares[..., nothing] = 0
    shares[..., nothing] = 1 - shares.sum(axis=-1)
    return shares
