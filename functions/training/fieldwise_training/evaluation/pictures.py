"""The charts of a report, as SVG to put into the page. The same metrics give the same bytes."""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from fieldwise_training.evaluation.metrics import Confusion, Figures, Measured

INK = {"candidate": "#2a6f97", "champion": "#a9b4c2"}


def accuracy_by_language(candidate: Measured, champion: Measured | None) -> str:
    """A bar chart of top-1 accuracy by language, beside the champion's if there is one."""
    languages = list(candidate.by_language)
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    series = {"candidate": candidate, **({"champion": champion} if champion is not None else {})}
    width = 0.8 / len(series)
    for number, (name, version) in enumerate(series.items()):
        positions = [at + number * width for at in range(len(languages))]
        axes.bar(positions, _accuracies(version.by_language, languages), width, label=name, color=INK[name])
    axes.set_xticks([at + width * (len(series) - 1) / 2 for at in range(len(languages))], languages)
    axes.set_ylim(0, 1)
    axes.set_ylabel("top-1 accuracy")
    axes.legend(loc="lower right", frameon=False)
    return _svg(figure)


def worst_confusions(confusions: Sequence[Confusion], shown: int = 12) -> str:
    """A bar chart of the most frequent confusions."""
    worst = list(reversed(confusions[:shown]))
    figure = Figure(figsize=(8, 0.6 + 0.3 * max(len(worst), 1)), layout="constrained")
    axes = figure.subplots()
    axes.barh([f"{c.truth} → {c.predicted}" for c in worst], [c.count for c in worst], color=INK["candidate"])
    axes.set_xlabel("fields")
    return _svg(figure)


def _accuracies(by_language: Mapping[str, Figures], languages: Sequence[str]) -> list[float]:
    return [(by_language[lang].accuracy or 0.0) if lang in by_language else 0.0 for lang in languages]


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "fieldwise", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    return svg[svg.index("<svg") :]
