"""The curves as a picture: one small plot a language."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.curve.slope import LanguageCurve
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, PALE, MARK = "#2a6f97", "#a9b4c2", "#c1121f"
COLUMNS = 6
LOWEST = 50.0
"""Per cent: the bottom of every plot, unless a point lies below it."""


def draw(curves: Sequence[LanguageCurve], title: str, path: Path) -> None:
    """Overall and recall over the fields trained on, on a logarithmic axis; the pale line is where the first curve ends."""
    rows = -(-len(curves) // COLUMNS)
    figure = Figure(figsize=(2.5 * COLUMNS, 0.6 + 2.1 * rows), layout="constrained", dpi=100)
    figure.suptitle(title)
    grid = iter(figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).flat)
    lowest = min([LOWEST, *(one for curve in curves for one in (*curve.overall, *curve.recall) if one is not None)])
    for curve, axes in zip(curves, grid, strict=False):
        axes.plot(curve.trained_on, curve.overall, "o-", color=INK, markersize=3, label="overall")
        recall = [float("nan") if one is None else one for one in curve.recall]
        axes.plot(curve.trained_on, recall, "s--", color=MARK, markersize=3, label="recall")
        axes.axhline(curves[0].overall[-1], color=PALE, linewidth=1)
        axes.set_xscale("log", base=2)
        axes.set_xticks([one for one in dict.fromkeys(curve.trained_on) if one], minor=False)
        axes.xaxis.set_major_formatter(lambda fields, _: f"{fields:,.0f}")
        axes.tick_params(labelsize=6)
        more = f", +{curve.more_fields.value:.1f}" if curve.more_fields is not None else ""
        axes.set_title(f"{curve.language}: {curve.overall[-1]:.1f} %{more}", fontsize=8)
        axes.set_ylim(lowest, 100)
        axes.grid(color=PALE, alpha=0.3)
    for axes in grid:
        axes.set_axis_off()
    figure.axes[0].legend(fontsize=6, frameon=False)
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})
