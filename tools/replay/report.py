"""What a replay found: the version against its own record, and against the decisions of other versions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict
from rich.markup import escape
from rich.table import Table

from fieldwise_common.decision_log import LogRow
from fieldwise_common.wire import Decision
from fieldwise_training.evaluation.changes import MAX_LABEL, Changes, Example, filled
from tools.replay.logged import LoggedField

SCORE_TOLERANCE = 1e-3
"""Scores have four digits. The last ones can differ between processors, whose sums are rounded in different orders."""
MAX_DIFFERENCES = 50
"""Listed; all are counted."""
MAX_SITES = 1_000
"""Counted one by one; those that come later in the log are counted together."""
OTHER_SITES = "other sites"
SHOWN_SITES = 15


class Said(BaseModel):
    """One decision about a field."""

    model_config = ConfigDict(frozen=True)

    decision: str
    predicted: str
    method: str
    score: float
    threshold: float


class Difference(BaseModel):
    """A decision that the version makes otherwise than it did."""

    model_config = ConfigDict(frozen=True)

    request_id: str
    position: int
    site: str
    label: str
    before: Said
    now: Said
    is_other_code: bool
    """Whether other code made the logged decision."""
    is_at_threshold: bool
    """Whether both scores are so near the threshold that rounding alone can explain the difference."""


class OwnRecord(BaseModel):
    """The decisions that this version made."""

    model_config = ConfigDict(frozen=True)

    decisions: int = 0
    different: int = 0
    other_code_decisions: int = 0
    """Of `decisions`, those that other code made."""
    other_code_different: int = 0
    """Of `different`, those that other code made: the code is the first explanation to look at."""
    largest_score_difference: float = 0.0
    differences: tuple[Difference, ...] = ()
    """The first ones."""

    @property
    def faults(self) -> int:
        """Differences that no change of code explains."""
        return self.different - self.other_code_different


class SiteChanges(BaseModel):
    """One site's decisions by other versions."""

    model_config = ConfigDict(frozen=True)

    site: str
    """Its keyed hash."""
    decisions: int
    changed: Mapping[str, int]


class Candidate(BaseModel):
    """The decisions that other versions made, and what would become of them."""

    model_config = ConfigDict(frozen=True)

    decisions: int = 0
    same: int = 0
    decided_by: Mapping[str, int] = {}
    """Decisions by the version that made them."""
    changed: Mapping[str, int] = {}
    """By kind, see `evaluation.changes` of training."""
    sites: tuple[SiteChanges, ...] = ()
    """Those with changes, most changes first."""
    examples: tuple[Example, ...] = ()


class ReplayReport(BaseModel):
    """A replay of one version."""

    model_config = ConfigDict(frozen=True)

    version: str
    code: str
    """The code that decided now."""
    forms: int
    decisions: int
    own: OwnRecord
    others: Candidate
    skipped: Mapping[str, int]
    """Decisions that can't be made again, by reason."""
    seconds: float

    @property
    def is_faithful(self) -> bool:
        """Whether the version decides as it did, where the code is the same."""
        return self.own.faults == 0


@dataclass(slots=True)
class Tally:
    """Counts the replayed decisions of `version` by the code `code`."""

    version: str
    code: str
    forms: int = 0
    own: Counter[str] = field(default_factory=Counter)
    largest: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    decided_by: Counter[str] = field(default_factory=Counter)
    changes: Changes = field(default_factory=Changes)
    by_site: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def decisions(self) -> int:
        """All that were replayed."""
        return self.own["decisions"] + self.decided_by.total()

    def add(self, logged: LoggedField, now: Decision) -> None:
        """Counts one decision that was made again."""
        if logged.row.model_version == self.version:
            self._add_own(logged, now)
        else:
            self._add_other(logged.row, now)

    def _add_own(self, logged: LoggedField, now: Decision) -> None:
        row = logged.row
        before = Said(
            decision=row.decision,
            predicted=row.predicted,
            method=row.method,
            score=logged.score,
            threshold=logged.threshold,
        )
        again = Said(decision=now.decision, predicted=now.predicted, method=now.method, score=now.score, threshold=now.threshold_used)
        is_other_code = row.code != self.code
        apart = abs(before.score - again.score)
        is_same = (before.decision, before.predicted, before.method) == (again.decision, again.predicted, again.method)
        self.own["decisions"] += 1
        self.own["other code"] += is_other_code
        self.largest = max(self.largest, apart if is_same else 0.0)
        if is_same and apart <= SCORE_TOLERANCE and row.signature == now.signature:
            return
        self.own["different"] += 1
        self.own["different, other code"] += is_other_code
        if len(self.differences) < MAX_DIFFERENCES:
            near = all(abs(said.score - said.threshold) <= SCORE_TOLERANCE for said in (before, again))
            self.differences.append(
                Difference(
                    request_id=row.request_id,
                    position=now.position,
                    site=row.site,
                    label=(row.label or row.text)[:MAX_LABEL],
                    before=before,
                    now=again,
                    is_other_code=is_other_code,
                    is_at_threshold=near and before.predicted == again.predicted,
                )
            )

    def _add_other(self, row: LogRow, now: Decision) -> None:
        self.decided_by[row.model_version] += 1
        site = row.site if row.site in self.by_site or len(self.by_site) < MAX_SITES else OTHER_SITES
        counts = self.by_site.setdefault(site, Counter())
        counts["decisions"] += 1
        before, after = filled(row.decision, row.predicted), filled(now.decision, now.predicted)
        change = self.changes.add(before, after, row.label or row.text, row.site)
        if change is not None:
            counts[change] += 1

    def report(self, skipped: Mapping[str, int], seconds: float) -> ReplayReport:
        """The report so far."""
        changed = self.changes.counts
        own = OwnRecord(
            decisions=self.own["decisions"],
            different=self.own["different"],
            other_code_decisions=self.own["other code"],
            other_code_different=self.own["different, other code"],
            largest_score_difference=round(self.largest, 4),
            differences=tuple(self.differences),
        )
        others = Candidate(
            decisions=self.decided_by.total(),
            same=self.decided_by.total() - sum(changed.values()),
            decided_by=dict(sorted(self.decided_by.items())),
            changed=changed,
            sites=self._sites(),
            examples=self.changes.examples,
        )
        return ReplayReport(
            version=self.version,
            code=self.code,
            forms=self.forms,
            decisions=self.decisions,
            own=own,
            others=others,
            skipped={reason: count for reason, count in sorted(skipped.items()) if count},
            seconds=round(seconds, 1),
        )

    def _sites(self) -> tuple[SiteChanges, ...]:
        sites = (
            SiteChanges(site=site, decisions=counts["decisions"], changed={k: n for k, n in sorted(counts.items()) if k != "decisions"})
            for site, counts in self.by_site.items()
        )
        return tuple(sorted((one for one in sites if one.changed), key=lambda one: (-sum(one.changed.values()), one.site)))


def tables(report: ReplayReport) -> list[Table]:
    """The report for a console."""
    shown = []
    own, others = report.own, report.others
    if own.differences:
        title = f"{own.different} of {own.decisions} decisions of its own differ"
        table = Table("field", "it decided", "it decides now", "why", title=title)
        for one in own.differences:
            table.add_row(escape(one.label), _text(one.before), _text(one.now), _why(one))
        shown.append(table)
    if others.decisions:
        changed = ", ".join(f"{count} {change}" for change, count in others.changed.items()) or "nothing would change"
        title = f"{others.decisions} decisions of other versions ({len(others.decided_by)}): {changed}"
        table = Table("site", "decisions", "changed", title=title)
        for site in others.sites[:SHOWN_SITES]:
            table.add_row(site.site or "unknown", str(site.decisions), ", ".join(f"{n} {change}" for change, n in site.changed.items()))
        if len(others.sites) > SHOWN_SITES:
            table.add_row(f"and {len(others.sites) - SHOWN_SITES} more sites", "", "")
        shown.append(table)
    if others.examples:
        table = Table("change", "field", "before", "with this version", title="Examples")
        for example in others.examples:
            table.add_row(example.change, escape(example.label), example.before or "–", example.after or "–")
        shown.append(table)
    for table in shown:
        table.title_justify = "left"
    return shown


def _text(said: Said) -> str:
    return f"{said.decision} {said.predicted or '–'} {said.score:.4f} ({said.method})"


def _why(one: Difference) -> str:
    if one.is_other_code:
        return "decided by other code"
    return "at its threshold" if one.is_at_threshold else "unknown"
