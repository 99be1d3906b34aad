"""What a version carries of all feedback so far: what its parent carries, and what is new."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fieldwise_common.observability import logger
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswers
from fieldwise_training.evaluation.shadow import NO_SHADOWS, Shadows, compared
from fieldwise_training.feedback.forms import OF_A_VERSION, FormLimits, collected
from fieldwise_training.feedback.join import joined
from fieldwise_training.feedback.judged import MAX_FIELDS, JudgedField
from fieldwise_training.feedback.live import LiveFills
from fieldwise_training.feedback.pairs import Statement
from fieldwise_training.feedback.read import Decisions, parse
from fieldwise_training.feedback.rows import FeedbackRow
from fieldwise_training.feedback.source import UNREAD, Mark, find_log
from fieldwise_training.feedback.votes import Vote, capped, last_words, not_erased


@dataclass(frozen=True, slots=True)
class Carried:
    """The feedback in a version: votes, judged forms, and the answers agreed on."""

    votes: Sequence[Vote] = ()
    judged: Sequence[JudgedField] = ()
    sites: SiteAnswers = NO_SITES


@dataclass(slots=True)
class NewFeedback:
    """What was read of a log since the mark, and the counts of it."""

    votes: list[Vote] = field(default_factory=list)
    judged: list[JudgedField] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    shadows: Shadows = NO_SHADOWS
    """How candidates in shadow compare with the versions that were live."""
    mark: Mark = UNREAD
    objects: int = 0
    vanished: int = 0
    rows: int = 0
    unsigned: int = 0
    """Feedback rows without a signature, which can't become votes; their forms are kept for training."""
    missing_forms: int = 0
    """Forms that the log no longer has: their votes count all the same."""
    live: list[tuple[int, int]] = field(default_factory=list)
    """Of each site: fills of the live version, and those rejected; see `LiveFills`."""
    capped: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)


def read_feedback(source: str, since: Mark, scratch: Path, live: str = "") -> NewFeedback:
    """The feedback at `source` that is new since the mark: `s3://bucket/prefix/`, a folder of log objects, or one CSV.

    `scratch`: a local folder for the rows of the log while they are read. `live`: the version whose fills are counted. Without any object,
    logs a warning.

    Raises:
        SettingsError: `source` is no address of a log.
        DataError: more than one run can hold, or a file that is no log; see `read.parse`.
        StoreError: the bucket or one of its objects can't be read.
    """
    log = find_log(source, since)
    if not log.names:
        logger.warning("no feedback found: training continues without it", extra={"feedback_log": source})
    with Decisions(scratch / "decisions.gz") as decisions:
        found = parse(log, decisions)
    new = NewFeedback(
        statements=found.statements,
        mark=log.mark,
        objects=len(log.names),
        vanished=found.vanished,
        rows=found.rows,
        quarantined=found.quarantined,
    )
    feedback = joined(found.feedback, decisions.rows(), new.quarantined)
    fills = LiveFills(live, feedback)
    forms = collected(feedback, fills.watching(decisions.rows()), new.capped, new.quarantined)
    new.live = fills.by_site()
    new.judged, new.missing_forms = forms.judged, forms.missing
    new.shadows = compared(found.shadows, decisions.rows(), feedback)
    new.unsigned = sum(not row.signature for row in feedback)
    new.votes = last_words(_votes(feedback, forms.labels, new.quarantined))
    logger.info("feedback read", extra={"votes": len(new.votes), "rows": new.rows, **new.quarantined})
    return new


def merged(before: Carried, new: NewFeedback, erased: Mapping[str, str]) -> tuple[list[Vote], list[JudgedField]]:
    """Votes and judged forms of the next version: the parent's and the new ones, within the limits, without those of erased users.

    `erased`: by user, the ISO time of the erasure. `new.capped` gets what the limits removed.
    """
    votes = capped(not_erased(last_words([*before.votes, *new.votes]), erased), new.capped)
    every = [row for row in (*before.judged, *new.judged) if row.at > erased.get(row.user, "")]
    return votes, _newest_forms(every, new.capped)


def _votes(feedback: Iterable[FeedbackRow], labels: Mapping[tuple[str, str], str], quarantined: Counter[str]) -> Iterable[Vote]:
    for row in feedback:
        if not row.signature:
            continue
        if not row.user or not row.site:
            quarantined["no user" if not row.user else "no site"] += 1
            continue
        canonical, rejected = row.word
        label = labels.get((row.site, row.signature), "")
        yield Vote(row.site, row.signature, row.user, canonical, rejected, row.is_trusted, row.at, label)


def _newest_forms(fields: Iterable[JudgedField], capped: Counter[str]) -> list[JudgedField]:
    """The fields of the forms to keep. A field that was read twice keeps its newest verdict."""
    forms: dict[tuple[str, str], dict[int, JudgedField]] = {}
    for row in fields:
        form = forms.setdefault((row.request_id, row.user), {})
        before = form.get(row.position)
        if before is None or (bool(before.verdict), before.at) <= (bool(row.verdict), row.at):
            form[row.position] = row
    newest = sorted(((max(row.at for row in form.values()), key) for key, form in forms.items()), reverse=True)
    limits = FormLimits(capped)
    kept: list[JudgedField] = []
    for _, key in newest:
        if len(kept) + len(forms[key]) > MAX_FIELDS:
            capped[OF_A_VERSION] += 1
        elif limits.admits(key[1], sum(len(row.field) for row in forms[key].values())):
            kept.extend(forms[key].values())
    return kept
