"""Reads feedback from its source: a decision log, or a plain CSV with the columns `query_key,matched_key,correct`.

What can't be used is quarantined: counted by reason, never guessed.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from fieldwise_common.decision_log import COLUMNS, LogRow, decode, unguarded
from fieldwise_common.errors import DataError
from fieldwise_common.observability import logger
from fieldwise_training.feedback.join import votes_of
from fieldwise_training.feedback.pairs import PLAIN_COLUMNS, Feedback, Vote, tally
from fieldwise_training.feedback.source import REPLACEMENT, LogObject, read_source

TRUE_WORDS = frozenset({"yes", "true", "1"})
FALSE_WORDS = frozenset({"no", "false", "0"})


def read_feedback(source: str, known: frozenset[str]) -> Feedback:
    """The pairs at `source`: `s3://bucket/prefix/` or a folder of log objects, or one CSV of either kind.

    Without any file there, logs a warning and returns no pairs. `known` are all canonical ids.

    Raises:
        DataError: a file that is neither a decision log nor has the three columns, or is not UTF-8.
        StoreError: the bucket can't be read.
    """
    objects = read_source(source)
    if not objects:
        logger.warning("no feedback found: training continues without it", extra={"feedback_log": source})
        return Feedback()
    quarantined: Counter[str] = Counter()
    rows: list[LogRow] = []
    votes: list[Vote] = []
    for found in objects:
        if _header(found.text).issuperset(PLAIN_COLUMNS):
            votes += _plain_votes(found, known, quarantined)
        elif found.is_single and not _is_log(found.text):
            raise DataError(f"{found.name}, line 1: neither the columns {','.join(PLAIN_COLUMNS)} nor a decision log")
        else:
            rows += _log_rows(found, quarantined)
    votes += votes_of(rows, quarantined)
    feedback = tally(votes, known, quarantined)
    logger.info("feedback read", extra={"confirmed": len(feedback.confirmed), "rejected": len(feedback.rejected), **quarantined})
    return feedback


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.removeprefix("\ufeff")]), [])


def _header(text: str) -> frozenset[str]:
    return frozenset(cell.strip().lower() for cell in _cells(text.partition("\n")[0]))


def _is_log(text: str) -> bool:
    return len(_cells(text.partition("\n")[0])) == len(COLUMNS)


def _log_rows(found: LogObject, quarantined: Counter[str]) -> Iterator[LogRow]:
    """Line by line, since the codec writes one line per row: a damaged row does not affect the others."""
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
                quarantined["neither yes nor no"] += 1
                continue
            text = unguarded(query)
            yield Vote(text, matched, correct.lower() in TRUE_WORDS, between_ids=text in known and matched in known)
    except csv.Error as error:
        raise DataError(f"{found.name}, line {reader.line_num}: {error}") from error
