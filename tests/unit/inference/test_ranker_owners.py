import numpy as np
import pytest

from fieldwise_inference.classify.ranker.owners import own

CLASSES = ("none", "email", "organization")
OWNERS = ("self", "earlier", "partner")


@pytest.mark.parametrize(
    ("whose", "expected"),
    [
        ((1.0, 0.0, 0.0), (0.2, 0.5, 0.3)),
        ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        ((0.0, 1.0, 0.0), (0.7, 0.0, 0.3)),
        ((0.5, 0.0, 0.5), (0.6, 0.25, 0.15)),
    ],
)
def test_an_id_is_as_likely_as_the_field_is_the_users(whose: tuple[float, ...], expected: tuple[float, ...]) -> None:
    """Of an earlier time, the user's own are the ids that a profile has several entries of: a former employer, no former address."""
    [found] = own(np.array([[0.2, 0.5, 0.3]], np.float32), np.array([whose], np.float32), CLASSES, OWNERS)

    assert found.tolist() == pytest.approx(expected)
