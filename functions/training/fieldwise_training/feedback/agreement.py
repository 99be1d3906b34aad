"""What the users of a site agree on: from votes to `sites.json`."""

from collections import Counter
from collections.abc import Iterable, Sequence

from fieldwise_common.canonical import NOTHING
from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_training.feedback.votes import Vote, by_field

MAJORITY = 0.8
"""Share of the users with an opinion on an answer who must agree with it, before it is given to everyone."""
OUTVOTES_ONE = 3
"""This many users outvote a single one who disagrees, even below that share: else one user could keep small sites from learning."""


def agree(votes: Iterable[Vote], quorum: int, established: SiteAnswers, known: frozenset[str]) -> SiteAnswers:
    """The answers that enough users agree on, by site and signature, both sorted.

    An answer needs `quorum` distinct users and a share of `MAJORITY`, or `OUTVOTES_ONE` against a single one. An answer that is
    already `established`, by the parent, keeps its place as long as it has the quorum and more users are for it than against it: a
    few who collude can't remove what more people have confirmed. The newest trusted vote on a field suffices alone. The same holds
    for rejections, where the ids confirmed by others count against. Ids that are not `known` are skipped; `none` always counts.

    `votes`: at most one per user and field.
    """
    usable = known | {NOTHING}
    sites: dict[str, dict[str, SiteAnswer]] = {}
    for (site, signature), voted in sorted(by_field(votes).items()):
        answer = _agreed(voted, quorum, established.of(site).get(signature, SiteAnswer()), usable)
        if answer is not None:
            sites.setdefault(site, {})[signature] = answer
    return SiteAnswers(sites=sites)


def _agreed(votes: Sequence[Vote], quorum: int, before: SiteAnswer, usable: frozenset[str]) -> SiteAnswer | None:
    """The answer for one field; None if its users agree on nothing."""
    word = _trusted_word(votes, usable)
    confirming = Counter(vote.canonical for vote in votes if vote.canonical in usable)
    rejecting = Counter(vote.rejected for vote in votes if vote.rejected in usable)
    only_rejecting = Counter(vote.rejected for vote in votes if vote.canonical not in usable)

    def holds(agreeing: int, against: int, is_established: bool) -> bool:
        is_clear = agreeing >= MAJORITY * (agreeing + against) or (against == 1 and agreeing >= OUTVOTES_ONE)
        return agreeing >= quorum and (agreeing > against if is_established else is_clear)

    def against(canonical: str) -> int:
        """How many users gave another answer, or rejected this one without giving any."""
        return confirming.total() - confirming[canonical] + only_rejecting[canonical]

    agreed = next((id_ for id_ in sorted(confirming) if holds(confirming[id_], against(id_), id_ == before.canonical)), "")
    if word is not None:
        without_rejected = "" if agreed == word.rejected else agreed
        agreed = word.canonical if word.canonical in usable else without_rejected

    def is_rejected(canonical: str) -> bool:
        by_admin = word is not None and word.rejected == canonical
        return by_admin or holds(rejecting[canonical], confirming[canonical], canonical in before.rejected)

    rejected = tuple(canonical for canonical in sorted(rejecting) if canonical != agreed and is_rejected(canonical))
    if agreed:
        counts = (confirming[agreed], against(agreed))
    elif rejected:
        strongest = max(rejected, key=lambda canonical: rejecting[canonical])
        counts = (rejecting[strongest], confirming[strongest])
    else:
        return None
    return SiteAnswer(canonical=agreed, rejected=rejected, agree=counts[0], against=counts[1], trusted=word is not None)


def _trusted_word(votes: Iterable[Vote], usable: frozenset[str]) -> Vote | None:
    """The newest vote of an admin that names an id in use."""
    trusted = (vote for vote in votes if vote.trusted and (vote.canonical in usable or vote.rejected in usable))
    return max(trusted, key=lambda vote: (vote.at, vote.user), default=None)
