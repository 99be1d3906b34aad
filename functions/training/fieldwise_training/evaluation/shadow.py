"""What a candidate in shadow decided otherwise than the live version, from the rows of the log: `shadows.json`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern

from pydantic import BaseModel, ConfigDict

from fieldwise_common.decision_log import LogRow
from fieldwise_training.evaluation.changes import Changes, Example, filled
from fieldwise_training.feedback.rows import FeedbackRow, position_of

MAX_FIELDS = 300_000
"""Shadow rows that are compared in one run; they are in memory, at 0.3 KB each. Later ones are only counted."""

Place = tuple[str, int]
"""Request and position."""


class ShadowComparison(BaseModel):
    """A candidate and the version that was live beside it, on the requests that both decided."""

    model_config = ConfigDict(frozen=True)

    candidate: str
    live: str
    requests: int
    fields: int
    same: int
    """Fields that both fill with the same id, or both leave empty."""
    changed: Mapping[str, int] = {}
    """How many other fields there are, by `Change`."""
    better: int = 0
    """Of the changed fields, those of which feedback says that the candidate is right and the live version wrong."""
    worse: int = 0
    """The reverse."""
    examples: tuple[Example, ...] = ()


class Shadows(BaseModel):
    """`shadows.json`: what a training read about candidates in shadow."""

    model_config = ConfigDict(frozen=True)

    comparisons: tuple[ShadowComparison, ...] = ()
    """By candidate and live version."""
    left_out: int = 0
    """Rows beyond `MAX_FIELDS`."""
    unmatched: int = 0
    """Rows whose live decision is not in the log that was read."""


NO_SHADOWS = Shadows()


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """What the comparison needs of a row with the route `shadow`."""

    candidate: str
    user: str
    filled: str


class ShadowRows:
    """The shadow rows of a log, by request and position. A row that was delivered twice counts once."""

    def __init__(self) -> None:
        self.rows: dict[Place, ShadowRow] = {}
        self.left_out = 0

    def add(self, row: LogRow) -> None:
        """Adds one; a row without request or position is no decision of a form, and is left out."""
        position = position_of(row)
        if position is None or not row.request_id or len(self.rows) >= MAX_FIELDS:
            self.left_out += 1
            return
        decided = filled(row.decision, row.predicted)
        self.rows[row.request_id, position] = ShadowRow(intern(row.model_version), intern(row.user_hash), intern(decided))


@dataclass(slots=True)
class _Pair:
    """What is counted for one candidate beside one live version."""

    requests: set[str] = field(default_factory=set)
    fields: int = 0
    changes: Changes = field(default_factory=Changes)
    verdicts: Counter[str] = field(default_factory=Counter)


def compared(shadows: ShadowRows, rows: Iterable[LogRow | None], feedback: Sequence[FeedbackRow]) -> Shadows:
    """The comparisons of all candidates. `rows`: the `classify` rows of the log, which are read once, and not if there is no shadow row."""
    if not shadows.rows:
        return Shadows(left_out=shadows.left_out)
    waiting = dict(shadows.rows)
    words = _last_words(feedback)
    pairs: dict[tuple[str, str], _Pair] = {}
    for row in rows:
        position = position_of(row) if row is not None else None
        if row is None or position is None:
            continue
        shadow = waiting.get((row.request_id, position))
        if shadow is None or shadow.user != row.user_hash:
            continue
        del waiting[row.request_id, position]
        pair = pairs.setdefault((shadow.candidate, row.model_version), _Pair())
        pair.requests.add(row.request_id)
        pair.fields += 1
        live = filled(row.decision, row.predicted)
        if pair.changes.add(live, shadow.filled, row.label or row.text, row.site) is not None:
            pair.verdicts[_verdict(live, shadow.filled, words.get((row.request_id, position, row.user_hash)))] += 1
    return Shadows(
        comparisons=tuple(_comparison(*names, pair) for names, pair in sorted(pairs.items())),
        left_out=shadows.left_out,
        unmatched=len(waiting),
    )


def _comparison(candidate: str, live: str, pair: _Pair) -> ShadowComparison:
    return ShadowComparison(
        candidate=candidate,
        live=live,
        requests=len(pair.requests),
        fields=pair.fields,
        same=pair.fields - sum(pair.changes.counts.values()),
        changed=pair.changes.counts,
        better=pair.verdicts["better"],
        worse=pair.verdicts["worse"],
        examples=pair.changes.examples,
    )


def _last_words(feedback: Sequence[FeedbackRow]) -> Mapping[tuple[str, int, str], str]:
    """The id that each user confirmed last for each field ("" for `none`), by request, position and user."""
    found: dict[tuple[str, int, str], str] = {}
    for row in sorted(feedback, key=lambda row: row.at):
        confirmed, _ = row.word
        if confirmed and row.position is not None:
            found[row.request_id, row.position, row.user] = filled("accepted", confirmed)
    return found


def _verdict(live: str, candidate: str, truth: str | None) -> str:
    if truth is None or truth not in (live, candidate):
        return ""
    return "better" if candidate == truth else "worse"
