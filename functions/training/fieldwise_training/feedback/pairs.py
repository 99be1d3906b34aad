"""Votes counted per pair of a text and a canonical id, and the CSV that stores the result in a version."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fieldwise_common.canonical import NEGATIVE_PREFIX, is_negative
from fieldwise_common.decision_log import guarded, unguarded
from fieldwise_inference.classify.text import normalise

PLAIN_COLUMNS = ("query_key", "matched_key", "correct")
OTHER_NOTHING = f"{NEGATIVE_PREFIX}other"
"""The negative id of texts that were confirmed as `none`, or as a negative id that does not exist. It exists only in lexicons, and has no
row in the catalogue."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One statement that `text` means `canonical`, or that it does not."""

    text: str
    canonical: str
    correct: bool
    between_ids: bool = False
    user: str = ""
    """Hash of the user; "" if unknown, and then every vote counts as another user's."""


@dataclass(frozen=True, slots=True)
class FeedbackPair:
    """The sum of all votes on one text and one canonical id: above 0 confirmed, below 0 rejected, never 0."""

    text: str
    canonical: str
    votes: int
    between_ids: bool = False
    """Both columns of a plain CSV are canonical ids: in the blob index, the texts of `text` are added to those of `canonical`."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The confirmed and rejected pairs, and how many rows could not be used, by reason."""

    confirmed: tuple[FeedbackPair, ...] = ()
    rejected: tuple[FeedbackPair, ...] = ()
    quarantined: Mapping[str, int] | None = None

    @property
    def quarantined_rows(self) -> int:
        """How many rows could not be used."""
        return sum((self.quarantined or {}).values())


def tally(votes: Iterable[Vote], known: frozenset[str], quarantined: Counter[str]) -> Feedback:
    """Adds up the votes per pair; a sum of 0 makes no pair. Texts are the same if they normalise alike.

    Of one user's votes on the same pair only the last counts. Votes that can't be used are counted in `quarantined`, by reason.
    """
    last: dict[tuple[str, str, bool, str | int], int] = {}
    spelling: dict[tuple[str, str, bool], str] = {}
    for number, vote in enumerate(votes):
        canonical = OTHER_NOTHING if is_negative(vote.canonical) and vote.canonical not in known else vote.canonical
        key = (vote.text if vote.between_ids else normalise(vote.text), canonical, vote.between_ids)
        if not key[0]:
            quarantined["no text"] += 1
        elif canonical not in known and canonical != OTHER_NOTHING:
            quarantined["unknown canonical id"] += 1
        else:
            last[(*key, vote.user or number)] = 1 if vote.correct else -1
            spelling.setdefault(key, vote.text)
    net: Counter[tuple[str, str, bool]] = Counter()
    for (text, canonical, between_ids, _), vote_of_one in last.items():
        net[text, canonical, between_ids] += vote_of_one
    pairs = [FeedbackPair(spelling[key], key[1], votes, key[2]) for key, votes in sorted(net.items()) if votes]
    return Feedback(
        confirmed=tuple(pair for pair in pairs if pair.votes > 0),
        rejected=tuple(pair for pair in pairs if pair.votes < 0),
        quarantined=dict(quarantined),
    )


def dump_pairs(feedback: Feedback) -> str:
    """The pairs as a plain feedback CSV with two more columns: the votes, and whether the pair is between ids."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([*PLAIN_COLUMNS, "votes", "between_ids"])
    for pair in (*feedback.confirmed, *feedback.rejected):
        correct = "yes" if pair.votes > 0 else "no"
        writer.writerow([guarded(pair.text), pair.canonical, correct, str(pair.votes), "yes" if pair.between_ids else "no"])
    return out.getvalue()


def load_pairs(text: str) -> Feedback:
    """Reads what `dump_pairs` wrote."""
    rows = csv.DictReader(io.StringIO(text))
    pairs = [FeedbackPair(unguarded(r["query_key"]), r["matched_key"], int(r["votes"]), r["between_ids"] == "yes") for r in rows]
    return Feedback(tuple(p for p in pairs if p.votes > 0), tuple(p for p in pairs if p.votes < 0))
