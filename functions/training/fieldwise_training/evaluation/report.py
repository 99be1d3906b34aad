"""`report.html`: how good a version is, on one page that loads nothing from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from fieldwise_common.store.manifest import Verdict
from fieldwise_training.evaluation.metrics import Figures, Measured, Metrics, percent
from fieldwise_training.evaluation.pictures import accuracy_by_language, worst_confusions

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #e3e8ee}
td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto}.verdict{padding:.6rem 1rem;border-left:4px solid}
.promote{border-color:#2d8a4e;background:#eef8f1}.reject{border-color:#b3453a;background:#fbf0ee}
"""
HEADINGS = ("", "fields", "top-1", "recall", "precision", "false fill")


def render(metrics: Metrics, verdict: Verdict, facts: Mapping[str, str]) -> str:
    """The page. `facts` about the run are shown in their order."""
    candidate = metrics.candidate
    kind, word = ("promote", "Good enough") if verdict.promote else ("reject", "Not promoted")
    return "\n".join(
        (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(candidate.version)}</title>',
            f"<style>{STYLE}</style></head><body><h1>{escape(candidate.version)}</h1>",
            f'<p class="verdict {kind}"><b>{word}:</b> {escape(verdict.reason)}</p>',
            _table(("this run", ""), facts.items()),
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


def _compared(candidate: Measured, champion: Measured | None) -> list[tuple[str, ...]]:
    rows = [("this version", *_cells(candidate.overall))]
    return rows if champion is None else [*rows, (f"in production: {champion.version}", *_cells(champion.overall))]


def _rows(by_name: Mapping[str, Figures]) -> list[tuple[str, ...]]:
    return [(name, *_cells(figures)) for name, figures in by_name.items()]


def _cells(figures: Figures) -> tuple[str, ...]:
    shares = (figures.accuracy, figures.recall, figures.precision, figures.false_fill)
    return (str(figures.fields), *map(percent, shares))


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
