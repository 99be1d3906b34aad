"""The pictures, as PNG files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from benchmarks.quality.figures import Calibration, Quality, Reference
from benchmarks.quality.kinds import KindFigures
from benchmarks.quality.measure import Result
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fieldwise_common.canonical import NOTHING

INK, PALE, MARK = "#2a6f97", "#a9b4c2", "#c1121f"
DPI = 110
MOST_IDS = 45
"""Ids with a row and a column of their own in a confusion matrix; the rarer ones share one."""
OTHER = "(rarer ids)"


def draw_curve(quality: Quality, path: Path) -> None:
    """Precision over recall at every threshold, with the version's operating point and the references."""
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    points = [(point.recall, point.precision) for point in quality.curve if point.recall is not None and point.precision is not None]
    axes.plot([recall for recall, _ in points], [precision for _, precision in points], color=INK, label="one threshold on the score")
    here = quality.operating_point
    if here is not None and here.recall is not None and here.precision is not None:
        label = f"operating point: {here.recall:.1%} / {here.precision:.1%}"
        axes.plot(here.recall, here.precision, "o", color=MARK, label=label)
    for reference in quality.references:
        _draw_reference(axes, reference)
    axes.set_xlim(0, 1.01)
    lowest = min([precision for _, precision in points], default=0.0)
    axes.set_ylim(max(0.0, min(lowest - 0.03, 0.9)), 1.005)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.set_title(quality.truth)
    axes.grid(color=PALE, alpha=0.4)
    axes.legend(loc="lower left", frameon=False)
    _save(figure, path)


def _draw_reference(axes: Axes, reference: Reference) -> None:
    recall, precision = reference.theirs.recall.value, reference.theirs.precision.value
    if recall is not None and precision is not None:
        axes.plot(recall, precision, "D", label=f"{reference.source} on its own fields: {recall:.1%} / {precision:.1%}")


def draw_reliability(calibration: Calibration, path: Path) -> None:
    """Accuracy against mean score of each bin; below it, how many decisions each bin holds."""
    figure = Figure(figsize=(6, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    width = 1 / len(calibration.bins)
    filled = [one for one in calibration.bins if one.accuracy is not None and one.mean_score is not None]
    upper.bar([one.low for one in filled], [one.accuracy or 0.0 for one in filled], width, align="edge", color=INK, alpha=0.8)
    upper.plot([0, 1], [0, 1], "--", color=PALE, label="perfect calibration")
    upper.plot(
        [one.mean_score or 0.0 for one in filled], [one.accuracy or 0.0 for one in filled], "o", color=MARK, label="mean score of the bin"
    )
    upper.set_ylim(0, 1.03)
    upper.set_ylabel("accuracy")
    error = calibration.expected_error
    upper.set_title("no decisions" if error is None else f"expected calibration error {error:.3f}, {calibration.decisions} decisions")
    upper.legend(loc="upper left", frameon=False)
    lower.bar([one.low for one in calibration.bins], [one.count for one in calibration.bins], width, align="edge", color=PALE)
    lower.set_xlim(0, 1)
    lower.set_xlabel("score")
    lower.set_ylabel("decisions")
    _save(figure, path)


def draw_confusion(results: Sequence[Result], path: Path) -> None:
    """Truth by row, prediction by column; colour is the share of the row, the number is the count."""
    names, counts = matrix(results)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 3 + 0.27 * len(names)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.argwhere(counts > 0):
        is_dark = shares[row, column] > 0.5
        text = str(counts[row, column])
        axes.text(column, row, text, ha="center", va="center", fontsize=6, color="white" if is_dark else "black")
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("predicted")
    axes.set_ylabel("truth")
    _save(figure, path)


def draw_kinds(by_kind: Mapping[str, KindFigures], path: Path) -> None:
    """Of each kind of form, the shares of fields that are right, silent and wrong: by their values where these are known, else by ids."""
    figure = Figure(figsize=(8, 1.5 + 0.32 * len(by_kind)), layout="constrained")
    axes = figure.subplots()
    tallies = [one.values if any(one.values.model_dump().values()) else one.ids for one in by_kind.values()]
    fields = np.array([[one.right, one.silent, one.wrong] for one in tallies], np.float64)
    shares = fields / np.maximum(fields.sum(axis=1, keepdims=True), 1)
    names = [f"{kind}: {one.whole} of {one.forms} whole" for kind, one in by_kind.items()]
    left = np.zeros(len(names))
    for column, (verdict, color) in enumerate({"right": INK, "silent": PALE, "wrong": MARK}.items()):
        axes.barh(names, shares[:, column], left=left, color=color, label=verdict)
        left += shares[:, column]
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the fields")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    _save(figure, path)


def matrix(results: Sequence[Result]) -> tuple[list[str], NDArray[np.int64]]:
    """The ids, the most frequent first and `none` last; int64 (n, n): how often each truth got each prediction."""
    seen = Counter(name for one in results for name in (one.field.truth, one.predicted) if name != NOTHING)
    ranked = [name for name, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0]))]
    names = [*ranked[:MOST_IDS], *([OTHER] if len(ranked) > MOST_IDS else []), NOTHING]
    row_of = {name: row for row, name in enumerate(names)}
    rest = row_of.get(OTHER, 0)
    counts = np.zeros((len(names), len(names)), np.int64)
    for one in results:
        counts[row_of.get(one.field.truth, rest), row_of.get(one.predicted, rest)] += 1
    return names, counts


def _save(figure: Figure, path: Path) -> None:
    figure.set_dpi(DPI)
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})
