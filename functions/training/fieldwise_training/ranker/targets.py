"""What the votes on one field of a site come to: the target that the ranker learns, and its weight."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import admits
from fieldwise_inference.classify.sites import SiteAnswer
from fieldwise_training.feedback.votes import Vote
from fieldwise_training.ranker.lesson import Target

FIELD_WEIGHT = 2.0
"""Of a field that one user gave feedback on. An authored field has 1: real pages differ from authored ones (decision 0009)."""

CONTRADICTED, UNRELIABLE = "users contradict each other", "users who contradict what is known"
UNKNOWN_ID, WRONG_TYPE, NO_VOTE = "unknown id", "the field's type does not admit the id", "no vote left"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the votes on one field come to: the target with its weight, before the limits, and the users who support it."""

    target: Target
    supporters: frozenset[str]
    at: str
    """ISO time of the newest word."""


def resolve(
    view: FieldView, answer: SiteAnswer | None, votes: Sequence[Vote], unreliable: frozenset[str], usable: frozenset[str]
) -> Resolved | str:
    """What the votes on a field come to, or why nothing can be learned from them.

    `answer`: what the site's users agree on. `unreliable`: users whose votes don't count. `usable`: the ids that can be learned.
    """
    if not votes:
        return NO_VOTE
    heard = [vote for vote in votes if vote.trusted or vote.user not in unreliable]
    if not heard:
        return UNRELIABLE
    understood = [vote for vote in heard if vote.canonical in usable or vote.rejected in usable]
    if not understood:
        return UNKNOWN_ID
    found = _agreed(answer, understood, usable) or _majority(understood, usable)
    if found is None:
        return CONTRADICTED
    if not found.target.is_rejected and not admits(view, found.target.canonical):
        return WRONG_TYPE
    return found


def _agreed(answer: SiteAnswer | None, votes: Sequence[Vote], usable: frozenset[str]) -> Resolved | None:
    """What a trusted user's newest word, or else the site's answer, names as right: it decides, even if others disagree.

    If a trusted user only rejects an id, and the site's users agree on no other, the rejection decides.
    """
    trusted = max((vote for vote in votes if vote.trusted), key=lambda vote: (vote.at, vote.user), default=None)
    is_named = trusted is not None and trusted.canonical in usable
    named = trusted.canonical if trusted is not None and is_named else answer.canonical if answer is not None else ""
    named = NOTHING if named and is_negative(named) else named
    supporting = [vote for vote in votes if vote.canonical == named]
    if named in usable and supporting and (trusted is None or is_named or named != trusted.rejected):
        return _resolved(Target(named, _weight(len(supporting), 0)), supporting)
    if trusted is None or is_named or trusted.rejected not in usable:
        return None
    rejecting = [vote for vote in votes if vote.rejected == trusted.rejected]
    return _resolved(Target(trusted.rejected, _weight(len(rejecting), 0), is_rejected=True), rejecting)


def _majority(votes: Sequence[Vote], usable: frozenset[str]) -> Resolved | None:
    """What more users name as right than say otherwise; else what more of them reject than name; None if there is neither."""
    naming = Counter(vote.canonical for vote in votes if vote.canonical in usable)
    only_rejecting = Counter(vote.rejected for vote in votes if vote.canonical not in usable)
    for canonical, users in sorted(naming.items(), key=lambda pair: (-pair[1], pair[0]))[:1]:
        against = naming.total() - users + only_rejecting[canonical]
        if users > against:
            return _resolved(Target(canonical, _weight(users, against)), [vote for vote in votes if vote.canonical == canonical])
    rejecting = Counter(vote.rejected for vote in votes if vote.rejected in usable)
    for canonical, users in sorted(rejecting.items(), key=lambda pair: (-pair[1], pair[0]))[:1]:
        if users > naming[canonical]:
            target = Target(canonical, _weight(users, naming[canonical]), is_rejected=True)
            return _resolved(target, [vote for vote in votes if vote.rejected == canonical])
    return None


def _resolved(target: Target, supporting: Sequence[Vote]) -> Resolved:
    return Resolved(target, frozenset(vote.user for vote in supporting), max(vote.at for vote in supporting))


def _weight(agreeing: int, against: int) -> float:
    """Of a field: up to twice `FIELD_WEIGHT` as more users agree, and less with every one who does not."""
    return FIELD_WEIGHT * (2 - 1 / agreeing) * (agreeing - against) / (agreeing + against)
