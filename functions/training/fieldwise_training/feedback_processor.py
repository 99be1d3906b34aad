"""Feedback, from wherever it is kept, as confirmed and rejected pairs of a text and a canonical id.

Two sources: the decision log (feedback rows are joined to the decisions they are about, see `decision_join`), and a plain
CSV with the columns `query_key,matched_key,correct`. What can't be used is quarantined: counted by reason, never guessed.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fieldwise_common.canonical import is_negative
from fieldwise_common.decision_log import COLUMNS, LogRow, decode, guarded, unguarded
from fieldwise_common.errors import DataError
from fieldwise_common.observability import logger
from fieldwise_inference.classify.text import normalise
from fieldwise_training.decision_join import Vote, votes_of
from fieldwise_training.feedback_source import REPLACEMENT, LogObject, read_source

PLAIN_COLUMNS = ("query_key", "matched_key", "correct")
OTHER_NOTHING = "none:other"
"""The negative entry for texts that people said are nothing, without saying what kind of nothing."""

TRUE_WORDS = frozenset({"yes", "true", "1"})
FALSE_WORDS = frozenset({"no", "false", "0"})


@dataclass(frozen=True, slots=True)
class FeedbackPair:
    """What all votes on one text and one canonical id come to; `votes` is never 0, its sign says confirmed or rejected."""

    text: str
    canonical: str
    votes: int
    between_ids: bool = False
    """Both keys are canonical ids, in a plain CSV: the original's way to say that one id's texts belong to another's too."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The pairs of a log, and how many rows were of no use, by reason."""

    confirmed: tuple[FeedbackPair, ...] = ()
    rejected: tuple[FeedbackPair, ...] = ()
    quarantined: Mapping[str, int] | None = None

    @property
    def quarantined_rows(self) -> int:
        """How many rows were of no use."""
        return sum((self.quarantined or {}).values())


def process_feedback(source: str, known: frozenset[str]) -> Feedback:
    """The pairs at `source`: `s3://bucket/prefix/` or a folder of log objects, or one CSV of either kind.

    A missing file or an empty prefix is a warning and no pairs. `known` are the canonical ids there are.

    Raises:
        DataError: a file that is neither a decision log nor has the three columns, or is not UTF-8.
        StoreError: the bucket can't be read.
    """
    objects = read_source(source)
    if not objects:
        logger.warning("no feedback there: going on without any", extra={"feedback_log": source})
        return Feedback()
    quarantined: Counter[str] = Counter()
    rows: list[LogRow] = []
    votes: list[Vote] = []
    for found in objects:
        if _header(found.text).issuperset(PLAIN_COLUMNS):
            votes += _plain_votes(found, known, quarantined)
        elif found.is_alone and not _is_log(found.text):
            raise DataError(f"{found.name}, line 1: neither the columns {','.join(PLAIN_COLUMNS)} nor a decision log")
        else:
            rows += _log_rows(found, quarantined)
    votes += votes_of(rows, quarantined)
    feedback = tally(votes, known, quarantined)
    logger.info("feedback read", extra={"confirmed": len(feedback.confirmed), "rejected": len(feedback.rejected), **quarantined})
    return feedback


def tally(votes: Iterable[Vote], known: frozenset[str], quarantined: Counter[str]) -> Feedback:
    """Votes as pairs: net above 0 is confirmed, below 0 rejected, 0 neither. Texts are the same when they normalise alike.

    Of one user's votes on the same text and id the last counts, once.
    """
    last: dict[tuple[str, str, bool, str | int], int] = {}
    written: dict[tuple[str, str, bool], str] = {}
    for number, vote in enumerate(votes):
        canonical = OTHER_NOTHING if is_negative(vote.canonical) and vote.canonical not in known else vote.canonical
        key = (vote.text if vote.between_ids else normalise(vote.text), canonical, vote.between_ids)
        if not key[0]:
            quarantined["no text"] += 1
        elif canonical not in known and canonical != OTHER_NOTHING:
            quarantined["unknown canonical id"] += 1
        else:
            last[(*key, vote.user or number)] = 1 if vote.correct else -1
            written.setdefault(key, vote.text)
    net: Counter[tuple[str, str, bool]] = Counter()
    for (text, canonical, between_ids, _), vote_of_one in last.items():
        net[text, canonical, between_ids] += vote_of_one
    pairs = [FeedbackPair(written[key], key[1], votes, key[2]) for key, votes in sorted(net.items()) if votes]
    return Feedback(
        confirmed=tuple(pair for pair in pairs if pair.votes > 0),
        rejected=tuple(pair for pair in pairs if pair.votes < 0),
        quarantined=dict(quarantined),
    )


def dump_pairs(feedback: Feedback) -> str:
    """The pairs as a CSV that is a plain feedback CSV itself, with the votes and the kind of pair beside."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([*PLAIN_COLUMNS, "votes", "between_ids"])
    for pair in (*feedback.confirmed, *feedback.rejected):
        correct = "yes" if pair.votes > 0 else "no"
        writer.writerow([guarded(pair.text), pair.canonical, correct, str(pair.votes), "yes" if pair.between_ids else "no"])
    return out.getvalue()


def load_pairs(text: str) -> Feedback:
    """What `dump_pairs` wrote."""
    rows = csv.DictReader(io.StringIO(text))
    pairs = [FeedbackPair(unguarded(r["query_key"]), r["matched_key"], int(r["votes"]), r["between_ids"] == "yes") for r in rows]
    return Feedback(tuple(p for p in pairs if p.votes > 0), tuple(p for p in pairs if p.votes < 0))


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.removeprefix("\ufeff")]), [])


def _header(text: str) -> frozenset[str]:
    return frozenset(cell.strip().lower() for cell in _cells(text.partition("\n")[0]))


def _is_log(text: str) -> bool:
    return len(_cells(text.partition("\n")[0])) == len(COLUMNS)


def _log_rows(found: LogObject, quarantined: Counter[str]) -> Iterator[LogRow]:
    """Line by line, for the codec writes one line a row: a damaged row costs nothing but itself."""
    for number, line in enumerate(found.text.split("\n"), start=1):
        try:
            rows = list(decode(line, f"{found.name}, row {number}"))
        except DataError:
            rows = []
            quarantined["malformed row"] += 1
        if REPLACEMENT in line and rows:
            quarantined["malformed row"] += 1
        else:
            yield from rows


def _plain_votes(found: LogObject, known: frozenset[str], quarantined: Counter[str]) -> Iterator[Vote]:
    reader = csv.DictReader(io.StringIO(found.text.removeprefix("\ufeff")), skipinitialspace=True)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    try:
        for row in reader:
            query, matched, correct = ((row[column] or "").strip() for column in PLAIN_COLUMNS)
            if correct.lower() not in TRUE_WORDS | FALSE_WORDS:
                quarantined["neither correct nor incorrect"] += 1
                continue
            text = unguarded(query)
            yield Vote(text, matched, correct.lower() in TRUE_WORDS, between_ids=text in known and matched in known)
    except csv.Error as error:
        raise DataError(f"{found.name}, line {reader.line_num}: {error}") from error
