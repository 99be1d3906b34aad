"""Renders a report: the values of its sections, and the template that shows them."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fieldwise_inference.classify.sites import SiteAnswer
from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.details import CalibrationDetails, Fitted
from fieldwise_training.evaluation.metrics import calibration_error, percent
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.evaluation.report import charts, words
from fieldwise_training.evaluation.report.content import ReportContent
from fieldwise_training.feedback.learned import Learned, LearnedAnswer, LearnedText

TEMPLATES = Path(__file__).parent / "templates"
DASH = "–"
MAX_LISTED = 500
"""Rows of a list that grows with the feedback; the others are counted, so that the page stays small."""
MAX_SHADOWS = 10
"""Pairs of a candidate and a live version."""
MAX_TEXT = 200
"""Characters of a text that users chose, a field's label for example."""


def render(content: ReportContent) -> str:
    """The page. Every value is escaped, whoever wrote it."""
    mode = content.facts.get("mode", "")
    metrics = content.metrics
    kind, heading = words.outcome(content, mode)
    return (
        _environment()
        .get_template("page.html")
        .render(
            content=content,
            metrics=metrics,
            mode=mode,
            kind=kind,
            heading=heading,
            why=words.why(content, mode),
            shares=_shares(metrics),
            parts=_parts(metrics),
            flips=[(name, flip) for name, compared in _parts(metrics).items() for flip in compared.flipped],
            unnamed_flips=sum(one.lost + one.won - len(one.flipped) for one in _parts(metrics).values()),
            answers=_answers(content.learned),
            texts=_texts(content.learned),
            overrides=metrics.overrides[:MAX_LISTED],
            ids=_ids(metrics, content.calibration),
            budget_marks=_budget_marks(content.calibration),
            calibration_error=calibration_error(content.calibration.reliability) if content.calibration is not None else None,
            total_seconds=sum(content.seconds.values()),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "percent": percent,
        "points": words.points,
        "number": _number,
        "cut": _cut,
        "said": _said,
        "votes": _votes,
        "sentence": _sentence,
    }
    environment.globals |= {
        "charts": charts,
        "words": words,
        "DASH": DASH,
        "MAX_LISTED": MAX_LISTED,
        "MAX_SHADOWS": MAX_SHADOWS,
        "css": _source("style.css"),
        "script": _source("sort.js"),
    }
    return environment


def _source(name: str) -> Markup:
    """One of our own files, to put into the page as it is."""
    return Markup((TEMPLATES / name).read_text("utf-8"))  # noqa: S704 it is ours


def _shares(metrics: Metrics) -> list[dict[str, Any]]:
    """The figures side by side: name, explanation, this version, production, the difference with its interval."""
    champion = metrics.champion
    reach = max((abs(end) for one in metrics.differences.values() for end in (one.low, one.high)), default=0.0) or 0.01
    return [
        {
            "name": name,
            "meaning": meaning,
            "now": getattr(metrics.candidate.overall, key),
            "before": getattr(champion.overall, key) if champion is not None else None,
            "difference": metrics.differences.get(key),
            "picture": charts.interval(metrics.differences[key], reach, more_is_better) if key in metrics.differences else "",
        }
        for key, (name, meaning, more_is_better) in words.SHARES.items()
    ]


def _parts(metrics: Metrics) -> dict[str, Comparison]:
    found = {"held-out forms": metrics.evaluation, "guard set": metrics.guard, "held-out votes": metrics.held_out_votes}
    found["agreed fields, for a stranger"] = metrics.agreed
    return found | ({"held-out forms, against the best earlier version": metrics.ancestor.compared} if metrics.ancestor else {})


def _answers(learned: Learned) -> Sequence[LearnedAnswer]:
    """Those to list: what changed or was dropped first, then by the number of users."""

    def key(answer: LearnedAnswer) -> tuple[bool, int, str, str]:
        voted = answer.after or answer.before
        return answer.change == "new", -(voted.agree if voted is not None else 0), answer.site, answer.signature

    return sorted(learned.answers, key=key)[:MAX_LISTED]


def _texts(learned: Learned) -> Sequence[LearnedText]:
    """Those to list: by the number of sites."""
    return sorted(learned.texts, key=lambda text: (-text.sites, -text.users, text.text, text.canonical))[:MAX_LISTED]


def _ids(metrics: Metrics, calibration: CalibrationDetails | None) -> list[dict[str, Any]]:
    """One row per canonical id, those with the most wrong fields first."""
    before = metrics.champion.by_canonical if metrics.champion is not None else {}
    thresholds: Mapping[str, Fitted] = calibration.ranker_by_canonical if calibration is not None else {}
    pooled = calibration.ranker if calibration is not None else None
    rows = []
    for canonical, own in metrics.candidate.by_canonical.items():
        old = before[canonical].accuracy if canonical in before else None
        fitted = thresholds.get(canonical, pooled)
        rows.append(
            {
                "canonical": canonical,
                "figures": own,
                "wrong": round(own.fields * (1 - (own.accuracy or 0.0))),
                "change": own.accuracy - old if own.accuracy is not None and old is not None else None,
                "threshold": fitted.value if fitted is not None else None,
                "pooled": fitted is not None and (fitted.pooled or canonical not in thresholds),
            }
        )
    return sorted(rows, key=lambda row: (-row["wrong"], row["canonical"]))


def _budget_marks(calibration: CalibrationDetails | None) -> dict[str, float]:
    """The shares of wrong fills to show beside the budget."""
    budget = calibration.budget if calibration is not None else None
    if budget is None:
        return {}
    marks = {"upper bound (95%)": budget.bound}
    if budget.fills:
        marks["measured on held-out sites"] = budget.wrong / budget.fills
    if budget.live_fills:
        marks["rejected in production"] = budget.live_wrong / budget.live_fills
    return marks


def _number(value: float | None) -> str:
    """A count with separators, a measurement with three digits; a dash for None."""
    if value is None:
        return DASH
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def _cut(text: str) -> str:
    """A text that users chose, at a length that fits; a dash for ""."""
    return (text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…") or DASH


def _sentence(text: str) -> str:
    """A reason as another step worded it, as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) or not text else ".")


def _said(answer: SiteAnswer | None) -> str:
    """`email`, `none`, `not tel`, `email, not tel`."""
    if answer is None:
        return DASH
    return ", ".join(filter(None, (answer.canonical, *(f"not {rejected}" for rejected in answer.rejected))))


def _votes(answer: SiteAnswer | None) -> str:
    if answer is None:
        return DASH
    votes = f"{answer.agree:,} for, {answer.against:,} against"
    return f"{votes}, decided by an admin" if answer.trusted else votes
