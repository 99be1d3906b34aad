"""`report.html`: how good a version is, on one page that loads nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Literal

from fieldwise_common.store.manifest import Verdict
from fieldwise_inference.classify.sites import SiteAnswer
from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.metrics import Figures, Measured, percent
from fieldwise_training.evaluation.pictures import accuracy_by_language, worst_confusions
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.evaluation.verdict import Check
from fieldwise_training.feedback.learned import Learned
from fieldwise_training.state import FeedbackFacts

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #e3e8ee}
td:first-child,th:first-child,.text td,.text th{text-align:left}
svg{max-width:100%;height:auto}.verdict{padding:.6rem 1rem;border-left:4px solid}
.promote{border-color:#2d8a4e;background:#eef8f1}.reject{border-color:#b3453a;background:#fbf0ee}
"""
DASH = "–"
MAX_LEARNED = 10_000
"""Answers of sites that are listed, so that the page opens."""
HEADINGS = ("", "fields", "top-1", "recall", "precision", "false fill")


def render(
    metrics: Metrics,
    verdict: Verdict,
    made: Sequence[Check],
    learned: Learned,
    feedback: FeedbackFacts | None,
    facts: Mapping[str, str],
) -> str:
    """The page. `made`: the checks behind the verdict; `facts` about the run are shown in their order."""
    candidate = metrics.candidate
    kind, word = ("promote", "Good enough") if verdict.promote else ("reject", "Not promoted")
    return "\n".join(
        (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(candidate.version)}</title>',
            f"<style>{STYLE}</style></head><body><h1>{escape(candidate.version)}</h1>",
            f'<p class="verdict {kind}"><b>{word}:</b> {escape(verdict.reason)}</p>',
            _table(("this run", ""), facts.items()),
            *_gate(metrics, made),
            *_feedback(feedback),
            *_learned(learned),
            *_overrides(metrics),
            "<h2>Overall</h2>",
            _table(HEADINGS, _compared(candidate, metrics.champion)),
            "<h2>By language</h2>",
            accuracy_by_language(candidate, metrics.champion),
            _table(HEADINGS, _rows(candidate.by_language)),
            "<h2>Worst confusions</h2>",
            worst_confusions(candidate.confusions),
            _table(("truth", "taken for", "fields"), ((c.truth, c.predicted, str(c.count)) for c in candidate.confusions)),
            "<h2>By method</h2>",
            _table(("method", "fields"), ((name, str(count)) for name, count in candidate.by_method.items())),
            "<h2>By canonical id</h2>",
            _table(HEADINGS, _rows(candidate.by_canonical)),
            "</body></html>\n",
        )
    )


def _gate(metrics: Metrics, made: Sequence[Check]) -> Iterator[str]:
    """The parts of the verdict, the counts behind them, and the flipped fields by name."""
    compared = {
        "evaluation forms": metrics.evaluation,
        "guard set": metrics.guard,
        "held-out votes": metrics.held_out_votes,
        "agreed fields, for a stranger": metrics.agreed,
    }
    yield "<h2>Gate</h2>"
    yield _table(("check", "", "figures"), ((check.name, "passed" if check.passed else "failed", check.reason) for check in made), "text")
    yield _table(
        ("compared with production", "fields", "right before", "right now", "lost", "won", "p of the loss"),
        ((name, *_counts(comparison)) for name, comparison in compared.items()),
    )
    yield (
        "<p>Lost: right in production only. Won: right in this version only. Held-out votes are classified without the version's answers "
        "for the site, the agreed fields with them; their truth is what the users of the site agree on.</p>"
    )
    yield "<h2>Flipped fields</h2>"
    rows = [
        ("lost" if flip.is_lost else "won", name, flip.form, flip.label, flip.truth, flip.before, flip.after)
        for name, comparison in compared.items()
        for flip in comparison.flipped
    ]
    yield _table(("", "part", "form", "field", "truth", "before", "now"), rows, "text") if rows else "<p>None.</p>"
    unnamed = sum(comparison.lost + comparison.won for comparison in compared.values()) - len(rows)
    if unnamed:
        yield f"<p>And {unnamed} more.</p>"


def _counts(comparison: Comparison) -> tuple[str, ...]:
    if comparison.champion_right is None or comparison.p is None:
        return (str(comparison.fields), DASH, str(comparison.right), DASH, DASH, DASH)
    counts = (comparison.fields, comparison.champion_right, comparison.right, comparison.lost, comparison.won)
    return (*map(str, counts), f"{comparison.p:.3g}")


def _feedback(feedback: FeedbackFacts | None) -> Iterator[str]:
    if feedback is None:
        return
    yield "<h2>Feedback</h2>"
    read = {
        "objects of the log read": feedback.objects,
        "rows read": feedback.rows,
        "votes in them": feedback.new_votes,
        "without a signature, from an earlier release": feedback.unsigned,
        "forms that the log no longer has": feedback.missing_forms,
        "votes in all": feedback.votes,
        "about an id that no longer exists": feedback.unknown_ids,
        "forms with feedback in all": feedback.forms,
        "fields agreed on": feedback.answers,
    }
    capped = {f"over the limit: {reason}": count for reason, count in feedback.capped.items()}
    quarantined = {f"quarantined: {reason}": count for reason, count in feedback.quarantined.items()}
    yield _table(("", "count"), ((name, str(count)) for name, count in (read | capped | quarantined).items()))


def _learned(learned: Learned) -> Iterator[str]:
    yield "<h2>Learned from the users of sites</h2>"
    if not learned.answers:
        yield "<p>Nothing new.</p>"
        return
    listed = learned.answers[:MAX_LEARNED]
    rows = ((a.change, a.site, a.label or DASH, a.signature, _answer(a.before), _answer(a.after), _votes(a.after)) for a in listed)
    yield _table(("", "site", "field", "signature", "before", "now", "users"), rows, "text")
    if len(learned.answers) > len(listed):
        yield f"<p>And {len(learned.answers) - len(listed)} more, in learned.json.</p>"


def _answer(answer: SiteAnswer | None) -> str:
    """`email`, `none`, `not tel`, `email, not tel`."""
    if answer is None:
        return DASH
    return ", ".join(filter(None, (answer.canonical, *(f"not {rejected}" for rejected in answer.rejected))))


def _votes(answer: SiteAnswer | None) -> str:
    if answer is None:
        return DASH
    votes = f"{answer.agree} for, {answer.against} against"
    return f"{votes}, decided by an admin" if answer.trusted else votes


def _overrides(metrics: Metrics) -> Iterator[str]:
    if not metrics.overrides and metrics.overrides_problem is None:
        return
    yield "<h2>Overrides</h2>"
    if metrics.overrides_problem is not None:
        yield f"<p>The overrides could not be reviewed: {escape(metrics.overrides_problem)}.</p>"
        return
    yield "<p>For removal: this version decides the same without the override, on the field alone.</p>"
    rows = ((one.review, one.site, one.label or DASH, one.signature, one.canonical, one.without or DASH) for one in metrics.overrides)
    yield _table(("", "site", "field", "signature", "override", "without it"), rows, "text")


def _compared(candidate: Measured, champion: Measured | None) -> list[tuple[str, ...]]:
    rows = [("this version", *_cells(candidate.overall))]
    return rows if champion is None else [*rows, (f"in production: {champion.version}", *_cells(champion.overall))]


def _rows(by_name: Mapping[str, Figures]) -> list[tuple[str, ...]]:
    return [(name, *_cells(figures)) for name, figures in by_name.items()]


def _cells(figures: Figures) -> tuple[str, ...]:
    shares = (figures.accuracy, figures.recall, figures.precision, figures.false_fill)
    return (str(figures.fields), *map(percent, shares))


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], kind: Literal["figures", "text"] = "figures") -> str:
    """A table of figures, which are aligned to the right, or of texts."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="{kind}"><tr>{head}</tr>{body}</table>'
