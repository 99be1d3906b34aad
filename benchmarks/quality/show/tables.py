"""The tables of a run, in the order a person asks: how good, beside whom, where not, how sure, how fast."""

from collections.abc import Iterator, Mapping

from benchmarks.quality.measure.figures import HEADLINES, Figures, Share, value_of
from benchmarks.quality.measure.quality import Quality
from rich.console import RenderableType
from rich.table import Table

WORST = 20
"""Confusions shown; `quality.json` has them all."""
TITLES = {"recall": "recall", "recall_exact": "recall, exact", "precision": "precision", "false_fill": "false fill", "overall": "overall"}


def tables(quality: Quality) -> Iterator[RenderableType]:
    """Everything that is printed, piece by piece."""
    fields, forms = quality.overall.fields, quality.timing.forms
    yield f"{quality.truth}: {fields} fields in {forms} forms of {quality.overall.sites} sites, read by {quality.model_version}"
    yield headline_table(quality)
    yield parts_table("by language", {**quality.english_and_others, **quality.by_language})
    yield parts_table("by source", quality.by_source)
    yield canonical_table(quality)
    yield confusion_table(quality)
    yield counts_table("decisions", quality.outcomes)
    yield counts_table("by method", quality.methods)
    if quality.outside_vocabulary:
        yield counts_table("ids the truth has no word for, counted as none", quality.outside_vocabulary)
    yield curve_table(quality)
    yield calibration_table(quality)
    yield f"median {quality.timing.median_ms:.1f} ms a form, slowest {quality.timing.slowest_ms:.1f} ms"


def headline_table(quality: Quality) -> Table:
    """Our figures; beside them each reference's, and the ratio of ours to it."""
    table = _table("figures, equal meanings taken as equal", "", "ours", "of")
    for reference in quality.references:
        for heading in (f"{reference.source}'s own rows: theirs", "ratio", "ours there", "ratio there"):
            table.add_column(heading, justify="right")
    for name in HEADLINES:
        cells = [percent(value_of(quality.overall, name)), _parts(getattr(quality.overall, name))]
        for reference in quality.references:
            cells += [percent(value_of(reference.theirs, name)), _ratio(reference.ratios[name])]
            cells += [percent(value_of(reference.ours, name)), _ratio(reference.ratios_same_fields[name])]
        table.add_row(TITLES[name], *cells)
    return table


def parts_table(title: str, parts: Mapping[str, Figures]) -> Table:
    """The headline figures of each part."""
    table = _table(title, "", "fields", *TITLES.values())
    for name, figures in parts.items():
        table.add_row(name, str(figures.fields), *(percent(value_of(figures, headline)) for headline in HEADLINES))
    return table


def canonical_table(quality: Quality) -> Table:
    """Recall and precision of each id; `support` counts the fields that truly have it."""
    table = _table("by canonical id", "", "support", "recall", "precision", "predicted")
    for one in quality.by_canonical:
        table.add_row(one.canonical, str(one.support), percent(one.recall.value), percent(one.precision.value), str(one.precision.of))
    return table


def confusion_table(quality: Quality) -> Table:
    """What was most often taken for what."""
    table = _table("worst confusions", "truth", "fields", "predicted")
    table.columns[2].justify = "left"
    for one in quality.confusions[:WORST]:
        table.add_row(one.truth, str(one.count), one.predicted)
    return table


def counts_table(title: str, counts: Mapping[str, int]) -> Table:
    """Each name's count and share of them all."""
    table = _table(title, "", "fields", "share")
    total = sum(counts.values())
    for name, count in counts.items():
        table.add_row(name, str(count), percent(count / total))
    return table


def curve_table(quality: Quality) -> Table:
    """The whole curve at every 1/20 of its length in points; the operating point stands first."""
    table = _table("precision and recall, were one threshold all", "", "score", "recall", "precision", "false fill", "overall")
    last = len(quality.curve) - 1
    places = sorted({round(last * step / 20) for step in range(21)}) if quality.curve else []
    here = [("operating point", quality.operating_point)] if quality.operating_point is not None else []
    for name, point in [*here, *(("", quality.curve[place]) for place in places)]:
        shares = (percent(value) for value in (point.recall, point.precision, point.false_fill, point.overall))
        table.add_row(name, f"{point.threshold:.4f}", *shares)
    return table


def calibration_table(quality: Quality) -> Table:
    """How far scores are from probabilities, over all decisions and by method."""
    table = _table("expected calibration error, 15 bins", "", "error")
    found = quality.calibration
    named = {"all decisions": found.expected_error, **found.by_method}
    for name, error in named.items():
        table.add_row(name, "–" if error is None else f"{error:.4f}")
    return table


def percent(value: float | None) -> str:
    """A share as people read it."""
    return "–" if value is None else f"{100 * value:.2f} %"


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _parts(share: Share) -> str:
    return f"{share.hits}/{share.of}"


def _table(title: str, *columns: str) -> Table:
    """A table whose first column is a name and whose others are numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", min_width=min(len(title), 80))
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right")
    return table
