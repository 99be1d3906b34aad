"""Whether a version answers wrongly more often where a form is hard to read: per filled field, on such cases and on all others."""

from collections.abc import Mapping, Sequence
from math import hypot

from benchmarks.quality.kinds import Form, Frozen, of_id, of_value
from benchmarks.quality.measure import Result

from fieldwise_common.canonical import NOTHING
from fieldwise_training.evaluation.intervals import Difference, wilson
from fieldwise_training.evaluation.metrics import Share

KINDS = ("mixed-scripts", "right-to-left", "long-labels", "contradicting-labels", "other-languages")
"""The kinds of cases that a form of today is hard to read in (docs/corpus.md)."""
DIGITS = 5


class WrongRate(Frozen):
    """How many of the filled fields are wrong, by their id or by their value."""

    forms: int
    wrong: Share
    """Of the fields with an accepted id."""
    low: float | None
    high: float | None
    """Wilson's interval (95 %) of the share; None if nothing is filled."""
    difference: Difference | None
    """The share less that of all other kinds; None for those, and if either has no filled field."""


class BadInput(Frozen):
    """The wrong answers on forms of `KINDS`, beside those on all other forms of the same run."""

    by_kind: Mapping[str, WrongRate]
    together: WrongRate
    others: WrongRate


def bad_input(forms: Sequence[Form]) -> BadInput | None:
    """The figures; None if no form is of these kinds. A form's kind is its first field's source."""
    by_kind = {kind: own for kind in KINDS if (own := [form for form in forms if form[0].field.source == kind])}
    if not by_kind:
        return None
    others = wrong_rate([form for form in forms if form[0].field.source not in KINDS])
    return BadInput(
        by_kind={kind: wrong_rate(own, others.wrong) for kind, own in by_kind.items()},
        together=wrong_rate([form for own in by_kind.values() for form in own], others.wrong),
        others=others,
    )


def wrong_rate(forms: Sequence[Form], others: Share | None = None) -> WrongRate:
    """The wrong ones of the filled fields of some forms. `others`: those of the forms that they are compared with."""
    filled = [_is_wrong(result) for form in forms for result in form if result.predicted != NOTHING]
    wrong = Share(hits=sum(filled), of=len(filled))
    low, high = wilson(wrong.hits, wrong.of) if filled else (None, None)
    return WrongRate(
        forms=len(forms), wrong=wrong, low=low, high=high, difference=difference(wrong, others) if others is not None else None
    )


def difference(one: Share, other: Share) -> Difference | None:
    """One share less another, of different fields, with an interval of 95 %; None if either is of nothing.

    The interval is made of Wilson's intervals of both (Newcombe: Interval estimation for the difference between independent
    proportions, 1998, method 10): it is sensible for shares near 0, as these are.
    """
    if not one.of or not other.of:
        return None
    share, other_share = one.hits / one.of, other.hits / other.of
    (low, high), (other_low, other_high) = wilson(one.hits, one.of), wilson(other.hits, other.of)
    between = share - other_share
    return Difference(
        value=round(between, DIGITS),
        low=round(between - hypot(share - low, other_high - other_share), DIGITS),
        high=round(between + hypot(high - share, other_share - other_low), DIGITS),
    )


def _is_wrong(result: Result) -> bool:
    return "wrong" in {of_id(result.field, result.predicted), of_value(result)}
