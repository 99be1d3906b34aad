"""`votes.parquet`: each user's last word on each field of a site."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fieldwise_common.canonical import NOTHING
from fieldwise_training.feedback.parquet import read_records, write_records

MAX_LABEL = 80
"""Characters of a field's label, which is there for the report."""
MAX_VOTES_PER_SITE = 300
"""Of one user; the newest are kept. A request has at most 300 fields."""
MAX_VOTES_PER_USER = 5_000
"""Of one user on all sites; the newest are kept."""
MAX_VOTES = 1_000_000
"""Of a version; the newest are kept."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one user said last about one field of one site."""

    site: str
    """The keyed hash of the site's origin."""
    signature: str
    """What the field is recognised by, see `classify.signature` of inference."""
    user: str
    """The hash of the user."""
    canonical: str = ""
    """The id that the user confirmed; `none`: the field asks for nothing of theirs; "": the user only rejected one."""
    rejected: str = ""
    """The id that the user rejected, or ""."""
    trusted: bool = False
    """Whether the user had the admin scope."""
    at: str = ""
    """ISO time in UTC, to the millisecond."""
    label: str = ""
    """The field's label, at most `MAX_LABEL` characters."""

    @property
    def field(self) -> tuple[str, str]:
        """Site and signature."""
        return self.site, self.signature


def read_votes(path: Path) -> list[Vote]:
    """The votes of a version. Raises CorruptVersion when the file is damaged."""
    return read_records(path, Vote)


def write_votes(votes: Iterable[Vote], path: Path) -> None:
    """Writes the votes by site, signature and user: equal votes give the same bytes in whatever order they come."""
    write_records(sorted(votes, key=lambda vote: (vote.site, vote.signature, vote.user)), Vote, path)


def last_words(votes: Iterable[Vote]) -> list[Vote]:
    """One vote per site, signature and user: the newest; of several at the same time, the last in the order given.

    A vote without a label gets that of the vote it replaces.
    """
    last: dict[tuple[str, str, str], Vote] = {}
    for vote in votes:
        key = (vote.site, vote.signature, vote.user)
        before = last.get(key)
        if before is None:
            last[key] = vote
        elif before.at <= vote.at:
            last[key] = vote if vote.label else replace(vote, label=before.label)
    return list(last.values())


def capped(votes: Sequence[Vote], counts: Counter[str]) -> list[Vote]:
    """The newest votes within the three limits. `counts` gets how many each limit has removed, by reason."""
    kept: list[Vote] = []
    by_site: Counter[tuple[str, str]] = Counter()
    by_user: Counter[str] = Counter()
    for vote in sorted(votes, key=lambda vote: (vote.at, vote.site, vote.signature, vote.user), reverse=True):
        if by_site[vote.user, vote.site] >= MAX_VOTES_PER_SITE:
            counts["votes of one user on one site"] += 1
        elif by_user[vote.user] >= MAX_VOTES_PER_USER:
            counts["votes of one user"] += 1
        elif len(kept) >= MAX_VOTES:
            counts["votes of a version"] += 1
        else:
            by_site[vote.user, vote.site] += 1
            by_user[vote.user] += 1
            kept.append(vote)
    return kept


def not_erased(votes: Iterable[Vote], erased: Mapping[str, str]) -> list[Vote]:
    """The votes without those that a user gave before they were erased. `erased`: ISO times by user."""
    return [vote for vote in votes if vote.at > erased.get(vote.user, "")]


def by_field(votes: Iterable[Vote]) -> dict[tuple[str, str], list[Vote]]:
    """The votes of each field, by site and signature."""
    found: dict[tuple[str, str], list[Vote]] = defaultdict(list)
    for vote in votes:
        found[vote.field].append(vote)
    return found


def about_unknown_ids(votes: Iterable[Vote], known: frozenset[str]) -> int:
    """How many votes name an id that the canonical data no longer has."""
    usable = known | {NOTHING, ""}
    return sum(vote.canonical not in usable or vote.rejected not in usable for vote in votes)
