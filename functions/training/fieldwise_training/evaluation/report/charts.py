"""The charts of a report, as inline SVG in the page's colours, light or dark. The same figures give the same bytes.

Every chart has a `<title>` and a `<desc>`: what a screen reader reads, and what a pointer shows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log10

from markupsafe import Markup

from fieldwise_training.evaluation.intervals import Difference, wilson
from fieldwise_training.evaluation.metrics import Bin, Confusion, Figures, percent

WIDTH = 720


class _Drawing:
    """An SVG that elements are added to. Colours come from the classes of the page's style."""

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        self._width, self._height = width, height
        self._title, self._description = title, description
        self._parts: list[Markup] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self._add('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>', x1, y1, x2, y2, kind)

    def path(self, points: Iterable[tuple[float, float]], kind: str) -> None:
        self._add('<polyline points="{}" class="{}"/>', " ".join(f"{x:.1f},{y:.1f}" for x, y in points), kind)

    def box(self, x: float, y: float, width: float, height: float, kind: str, tip: str = "", opacity: float = 1) -> None:
        shape = (
            '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2" class="{}" fill-opacity="{:.2f}"><title>{}</title></rect>'
        )
        self._add(shape, x, y, max(width, 0), max(height, 0), kind, opacity, tip)

    def dot(self, x: float, y: float, kind: str, tip: str = "", radius: float = 4.5) -> None:
        self._add('<circle cx="{:.1f}" cy="{:.1f}" r="{:g}" class="{}"><title>{}</title></circle>', x, y, radius, kind, tip)

    def text(self, x: float, y: float, words: str, kind: str = "", turned: float = 0) -> None:
        turn = Markup(' transform="rotate({:g} {:.1f} {:.1f})"').format(turned, x, y) if turned else ""
        self._add('<text x="{:.1f}" y="{:.1f}" class="{}"{}>{}</text>', x, y, kind, turn, words)

    def _add(self, shape: str, *values: object) -> None:
        self._parts.append(Markup(shape).format(*values))  # noqa: S704 `shape` is ours, and the values are escaped

    def svg(self) -> Markup:
        head = Markup('<svg viewBox="0 0 {0:g} {1:g}" width="{0:g}" role="img" aria-label="{2}"><title>{2}</title><desc>{3}</desc>')
        return head.format(self._width, self._height, self._title, self._description) + Markup("").join(self._parts) + Markup("</svg>")


def reliability(bins: Sequence[Bin]) -> Markup:
    """How often the predictions of each bin of probabilities are right, with the bins' counts below."""
    side, left, top, below = 400, 68, 12, 84
    described = "; ".join(
        f"probability {one.low:.2f} to {one.high:.2f}: {one.count} predictions, {percent(one.accuracy)} right" for one in bins if one.count
    )
    drawing = _Drawing(left + side + 24, top + side + below + 44, "Reliability of the probabilities", described)

    def x(share: float) -> float:
        return left + share * side

    def y(share: float) -> float:
        return top + (1 - share) * side

    for tick in (0, 0.25, 0.5, 0.75, 1):
        drawing.line(x(0), y(tick), x(1), y(tick), "grid")
        drawing.text(left - 8, y(tick) + 4, f"{tick:.0%}", "end")
        drawing.text(x(tick), top + side + below + 20, f"{tick:.0%}", "middle")
    drawing.line(x(0), y(0), x(1), y(1), "ideal")
    drawing.text(14, top + side / 2, "were right", "middle soft", turned=-90)
    drawing.text(left + side / 2, top + side + below + 40, "probability that the model gave", "middle soft")
    base, most = top + side + below, max((one.count for one in bins), default=0)
    drawing.text(14, base - below / 2 + 14, "fields", "middle soft", turned=-90)
    filled = [one for one in bins if one.count and one.mean_score is not None and one.accuracy is not None]
    for one in filled:
        height = (below - 22) * log10(1 + one.count) / log10(1 + most)
        tip = f"{one.low:.2f} to {one.high:.2f}: {one.count} predictions, {percent(one.accuracy)} right"
        drawing.box(x(one.low) + 1, base - height, x(one.high) - x(one.low) - 2, height, "then", tip)
        drawing.text((x(one.low) + x(one.high)) / 2, base - height - 3, _short(one.count), "middle tiny")
    points = [(x(one.mean_score or 0), y(one.accuracy or 0)) for one in filled]
    drawing.path(points, "curve")
    for one, (at, height) in zip(filled, points, strict=True):
        low, high = wilson(round((one.accuracy or 0) * one.count), one.count)
        drawing.line(at, y(low), at, y(high), "whisker")
        drawing.dot(at, height, "now", f"mean probability {one.mean_score:.3f}: {percent(one.accuracy)} of {one.count} right")
    return drawing.svg()


def languages(now: Mapping[str, Figures], before: Mapping[str, Figures]) -> Markup:
    """The accuracy of each language: a dot for this version, a paler one for the version in production, joined."""
    row, left, right, top = 24, 80, 110, 26
    rows = sorted(now.items(), key=lambda item: (-item[1].fields, item[0]))
    shares = [f.accuracy for f in (*now.values(), *before.values()) if f.accuracy is not None]
    lowest = min(0.9, int(min(shares, default=0.0) * 10) / 10)
    said = "; ".join(f"{name}: {percent(f.accuracy)}, in production {percent(_accuracy(before, name))}" for name, f in rows)
    drawing = _Drawing(WIDTH, top + row * len(rows) + 8, "Accuracy by language", said)
    wide = WIDTH - left - right

    def x(share: float) -> float:
        return left + (share - lowest) / (1 - lowest) * wide

    ticks = round((1 - lowest) * 10)
    for number in range(ticks + 1):
        tick = lowest + number / 10
        drawing.line(x(tick), top - 6, x(tick), top + row * len(rows), "grid")
        drawing.text(x(tick), top - 12, f"{tick:.0%}", "middle")
    for number, (name, figures) in enumerate(rows):
        height = top + row * number + row / 2
        drawing.text(left - 14, height + 4, name or "–", "end")
        drawing.text(WIDTH - 4, height + 4, f"{figures.fields:,} fields", "end soft")
        own, other = figures.accuracy, _accuracy(before, name)
        if own is not None and other is not None:
            drawing.line(x(other), height, x(own), height, "better" if own >= other else "worse")
            drawing.dot(x(other), height, "then", f"{name}, in production: {percent(other)}")
        if own is not None:
            drawing.dot(x(own), height, "now", f"{name}: {percent(own)}")
    return drawing.svg()


def _accuracy(by_name: Mapping[str, Figures], name: str) -> float | None:
    return by_name[name].accuracy if name in by_name else None


def confusion_map(confusions: Sequence[Confusion], most: int = 16) -> Markup:
    """The ids that were confused most: truths as rows, what they were taken for as columns, the darker the more often."""
    shown = _crop(confusions, most)
    rows = list(dict.fromkeys(one.truth for one in shown))
    columns = sorted({one.predicted for one in shown}, key=lambda name: (-sum(c.count for c in shown if c.predicted == name), name))
    cell, left, top = 30, 190, 128
    said = "; ".join(f"{one.truth} taken for {one.predicted}: {one.count}" for one in shown)
    width = max(left + cell * len(columns) + 110, 420)
    drawing = _Drawing(width, top + cell * len(rows) + 10, "The most frequent confusions", said)
    drawing.text(left - 12, top - 12, "it is ↓   taken for →", "end soft")
    highest = max((one.count for one in shown), default=1)
    for number, name in enumerate(columns):
        drawing.text(left + cell * number + cell / 2 + 4, top - 10, name, "", turned=-45)
        drawing.line(left + cell * number + cell / 2, top, left + cell * number + cell / 2, top + cell * len(rows), "grid")
    for number, name in enumerate(rows):
        drawing.text(left - 12, top + cell * number + cell / 2 + 4, name, "end")
        drawing.line(left, top + cell * number + cell / 2, left + cell * len(columns), top + cell * number + cell / 2, "grid")
    for one in shown:
        at_x, at_y = left + cell * columns.index(one.predicted), top + cell * rows.index(one.truth)
        share = one.count / highest
        drawing.box(at_x + 1, at_y + 1, cell - 2, cell - 2, "paper")
        drawing.box(
            at_x + 1, at_y + 1, cell - 2, cell - 2, "heat", f"{one.truth} taken for {one.predicted}: {one.count}", 0.2 + 0.8 * share
        )
        drawing.text(at_x + cell / 2, at_y + cell / 2 + 4, _short(one.count), "middle on" if share > 0.45 else "middle")
    return drawing.svg()


def _crop(confusions: Sequence[Confusion], most: int) -> list[Confusion]:
    """The confusions among the `most` truths and the `most` predictions that are wrong most often, these first."""
    truths: Counter[str] = Counter()
    predictions: Counter[str] = Counter()
    for one in confusions:
        truths[one.truth] += one.count
        predictions[one.predicted] += one.count
    rows = [name for name, _ in truths.most_common(most)]
    columns = [name for name, _ in predictions.most_common(most)]
    shown = [one for one in confusions if one.truth in rows and one.predicted in columns]
    return sorted(shown, key=lambda one: (rows.index(one.truth), columns.index(one.predicted)))


def losses(values: Sequence[float]) -> Markup:
    """The training loss after each epoch."""
    left, top, wide, high = 60, 14, 420, 150
    said = ", ".join(f"epoch {number}: {value:.4f}" for number, value in enumerate(values, start=1))
    drawing = _Drawing(left + wide + 30, top + high + 44, "Training loss by epoch", said)
    highest = max((*values, 0.0)) or 1.0
    for part in (0, 0.5, 1):
        drawing.line(left, top + high * (1 - part), left + wide, top + high * (1 - part), "grid")
        drawing.text(left - 8, top + high * (1 - part) + 4, f"{highest * part:.3g}", "end")
    step = wide / max(len(values) - 1, 1)
    points = [(left + step * number, top + high * (1 - value / highest)) for number, value in enumerate(values)]
    drawing.path(points, "curve")
    for number, ((x, y), value) in enumerate(zip(points, values, strict=True), start=1):
        drawing.dot(x, y, "now", f"epoch {number}: {value:.4f}")
        drawing.text(x, top + high + 18, str(number), "middle")
    drawing.text(left + wide / 2, top + high + 38, "epoch", "middle soft")
    return drawing.svg()


def timings(seconds: Mapping[str, float]) -> Markup:
    """How long each step took."""
    row, left, right = 24, 100, 80
    longest = max((*seconds.values(), 0.0)) or 1.0
    said = "; ".join(f"{name}: {value:.1f} s" for name, value in seconds.items())
    drawing = _Drawing(WIDTH, row * len(seconds) + 6, "Seconds per step", said)
    for number, (name, value) in enumerate(seconds.items()):
        wide = (WIDTH - left - right) * value / longest
        drawing.text(left - 10, row * number + 16, name, "end")
        drawing.box(left, row * number + 4, max(wide, 1), row - 8, "bar", f"{name}: {value:.1f} s")
        drawing.text(left + max(wide, 1) + 8, row * number + 16, f"{value:.1f} s")
    return drawing.svg()


def interval(difference: Difference, reach: float, higher_is_better: bool) -> Markup:
    """A difference with its interval, on a scale from -`reach` to `reach` with 0 in the middle."""
    wide, middle = 180, 11
    low, value, high = (wide / 2 * (1 + min(max(at / reach, -1), 1)) for at in (difference.low, difference.value, difference.high))
    said = f"{difference.value:+.2%}, between {difference.low:+.2%} and {difference.high:+.2%}"
    drawing = _Drawing(wide + 12, 22, "Difference", said)
    kind = "soft" if not difference.is_clear else "better" if (difference.value > 0) is higher_is_better else "worse"
    drawing.line(6, middle, wide + 6, middle, "grid")
    drawing.line(wide / 2 + 6, 2, wide / 2 + 6, 20, "axis")
    drawing.line(low + 6, middle, high + 6, middle, f"span {kind}")
    drawing.dot(value + 6, middle, f"mark {kind}", said, 4)
    return drawing.svg()


def budget_scale(budget: float, marks: Mapping[str, float]) -> Markup:
    """Shares of wrong fills on one scale, with the budget as a limit."""
    left, right, row, top = 250, 70, 26, 22
    reach = max((budget, *marks.values())) * 1.15 or 1.0
    said = f"budget {budget:.2%}; " + "; ".join(f"{name} {share:.2%}" for name, share in marks.items())
    drawing = _Drawing(WIDTH, top + row * len(marks) + 6, "Wrong fills against the budget", said)
    limit = left + (WIDTH - left - right) * budget / reach
    for number, (name, share) in enumerate(marks.items()):
        height = top + row * number
        wide = (WIDTH - left - right) * share / reach
        drawing.text(left - 12, height + 17, name, "end")
        drawing.box(left, height + 5, max(wide, 1), row - 10, "bar" if share <= budget else "over", f"{name}: {share:.2%}")
        drawing.text(left + max(wide, 1) + 8, height + 17, f"{share:.2%}")
    drawing.line(limit, top - 4, limit, top + row * len(marks), "limit")
    drawing.text(limit, top - 8, f"budget {budget:.2%}", "middle")
    return drawing.svg()


def _short(number: int) -> str:
    """At most four characters, for counts up to a million."""
    return str(number) if number < 1_000 else f"{number / 1000:.1f}k" if number < 10_000 else f"{number / 1000:.0f}k"
