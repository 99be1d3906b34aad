"""Texts that an operator confirmed or rejected in plain CSV files, summed per pair of a text and a canonical id."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fieldwise_common.canonical import NEGATIVE_PREFIX, is_negative
from fieldwise_common.decision_log import guarded, unguarded
from fieldwise_inference.classify.text import normalise

PLAIN_COLUMNS = ("query_key", "matched_key", "correct")
OTHER_NOTHING = f"{NEGATIVE_PREFIX}other"
"""The negative id of texts that were confirmed as `none`, or as a negative id that does not exist. It exists only in lexicons, and has no
row in the catalogue."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One row of a plain CSV: `text` means `canonical`, or it does not."""

    text: str
    canonical: str
    correct: bool


@dataclass(frozen=True, slots=True)
class FeedbackPair:
    """The sum of all statements about one text and one canonical id: above 0 confirmed, below 0 rejected, never 0."""

    text: str
    canonical: str
    votes: int
    between_ids: bool = False
    """Both are canonical ids: in the blob index, the texts of `text` are added to those of `canonical`."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The confirmed and the rejected pairs."""

    confirmed: tuple[FeedbackPair, ...] = ()
    rejected: tuple[FeedbackPair, ...] = ()


def tally(statements: Iterable[Statement], known: frozenset[str], quarantined: Counter[str]) -> Pairs:
    """Adds up the statements per pair; a sum of 0 makes no pair. Texts are the same if they normalise alike.

    Statements that can't be used are counted in `quarantined`, by reason.
    """
    net: Counter[tuple[str, str, bool]] = Counter()
    spelling: dict[tuple[str, str, bool], str] = {}
    for statement in statements:
        is_other = is_negative(statement.canonical) and statement.canonical not in known
        canonical = OTHER_NOTHING if is_other else statement.canonical
        between_ids = statement.text in known and statement.canonical in known
        key = (statement.text if between_ids else normalise(statement.text), canonical, between_ids)
        if not key[0]:
            quarantined["no text"] += 1
        elif canonical not in known and canonical != OTHER_NOTHING:
            quarantined["unknown canonical id"] += 1
        else:
            net[key] += 1 if statement.correct else -1
            spelling.setdefault(key, statement.text)
    pairs = [FeedbackPair(spelling[key], key[1], votes, key[2]) for key, votes in sorted(net.items()) if votes]
    return Pairs(tuple(pair for pair in pairs if pair.votes > 0), tuple(pair for pair in pairs if pair.votes < 0))


def dump_pairs(found: Pairs) -> str:
    """The pairs as a plain feedback CSV with two more columns: the votes, and whether the pair is between ids."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([*PLAIN_COLUMNS, "votes", "between_ids"])
    for pair in (*found.confirmed, *found.rejected):
        correct = "yes" if pair.votes > 0 else "no"
        writer.writerow([guarded(pair.text), pair.canonical, correct, str(pair.votes), "yes" if pair.between_ids else "no"])
    return out.getvalue()


def load_pairs(text: str) -> Pairs:
    """Reads what `dump_pairs` wrote."""
    rows = csv.DictReader(io.StringIO(text))
    pairs = [FeedbackPair(unguarded(r["query_key"]), r["matched_key"], int(r["votes"]), r["between_ids"] == "yes") for r in rows]
    return Pairs(tuple(p for p in pairs if p.votes > 0), tuple(p for p in pairs if p.votes < 0))
