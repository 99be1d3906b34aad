"""The ratios as a picture: a bar a figure, its goal a mark."""

from pathlib import Path

from benchmarks.serving.figures import Bench
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, PALE, MARK = "#2a6f97", "#a9b4c2", "#c1121f"


def draw(bench: Bench, path: Path) -> None:
    """How many times better than the reference each figure is, on a logarithmic axis."""
    rows = [row for row in reversed(bench.rows) if row.better is not None]
    figure = Figure(figsize=(10, 1.2 + 0.28 * len(rows)), layout="constrained", dpi=100)
    axes = figure.subplots()
    names = [f"{row.name}, {row.threads} thread{'s' if row.threads > 1 else ''}" for row in rows]
    bars = axes.barh(range(len(rows)), [row.better or 0.0 for row in rows], color=[PALE if row.goal is None else INK for row in rows])
    axes.bar_label(bars, [f" {row.better:.1f} ×" for row in rows], fontsize=8)
    goals = [(row.goal, place) for place, row in enumerate(rows) if row.goal is not None]
    axes.plot(*zip(*goals, strict=True), "|", color=MARK, markersize=12, markeredgewidth=2, label="goal")
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.axvline(1, color=MARK, linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} ×")
    axes.set_xlabel("times better than the reference")
    axes.set_title(f"{bench.model_version} beside the path it replaced", fontsize=10)
    axes.legend(loc="lower right", frameon=False)
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})
