"""The tables of a run: how good, compared with which reference, how harmful, with which mistakes, how certain, how fast."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.quality.bad_input import BadInput, WrongRate
from benchmarks.quality.figures import HEADLINES, SURE, Figures, Quality, value_of
from benchmarks.quality.kinds import KindFigures, Mistake, Tally
from benchmarks.shared.output import table
from rich.console import RenderableType
from rich.table import Table

from fieldwise_training.evaluation.intervals import Difference

WORST = 20
"""Confusions shown; `quality.json` has them all."""
MISTAKES = 60
"""Wrong answers shown."""
TITLES = {"recall": "recall", "recall_exact": "recall, exact", "precision": "precision", "false_fill": "false fill", "overall": "overall"}


def tables(quality: Quality) -> Iterator[RenderableType]:
    """Everything that is printed, in order."""
    fields, forms = quality.overall.fields, quality.timing.forms
    yield f"{quality.truth}: {fields} fields in {forms} forms of {quality.overall.sites} sites, classified by {quality.model_version}"
    yield _headlines(quality)
    yield _kinds("wrong answers and silence, by kind of form", quality.kinds.by_kind)
    yield _kinds("the same, compared", quality.kinds.compared)
    if quality.bad_input is not None:
        yield _bad_input(quality.bad_input)
    yield from _harm(quality)
    wrong = [one for one in quality.kinds.mistakes if "wrong" in {one.id, one.value}]
    if wrong:
        yield _mistakes(wrong)
    yield _parts("by language", {**quality.english_and_others, **quality.by_language})
    yield _parts("by source", quality.by_source)
    yield _by_canonical(quality)
    yield _confusions(quality)
    yield _frequencies("decisions", quality.outcomes)
    yield _frequencies("by method", quality.methods)
    if quality.outside_vocabulary:
        yield _frequencies("accepted ids outside the truth's vocabulary, counted as none", quality.outside_vocabulary)
    yield _curve(quality)
    yield _calibration(quality)
    yield f"median {quality.timing.median_ms:.1f} ms a form, slowest {quality.timing.slowest_ms:.1f} ms"


def _headlines(quality: Quality) -> Table:
    """The figures of the version, those of each reference, and the ratios of ours to theirs."""
    shown = table("figures, equivalent ids counted as equal", "", "ours", "of")
    for reference in quality.references:
        for heading in (f"{reference.source} on its own fields", "ours / it", "ours on the same fields", "ours / it, same fields"):
            shown.add_column(heading, justify="right")
    for name in HEADLINES:
        share = getattr(quality.overall, name)
        cells = [_percent(share.value), f"{share.hits}/{share.of}"]
        for reference in quality.references:
            cells += [_percent(value_of(reference.theirs, name)), _decimal(reference.ratios[name], 3)]
            cells += [_percent(value_of(reference.ours, name)), _decimal(reference.ratios_same_fields[name], 3)]
        shown.add_row(TITLES[name], *cells)
    shown.add_row(f"recall at precision {_percent(SURE)}", _percent(quality.recall_when_sure))
    return shown


def _kinds(title: str, kinds: Mapping[str, KindFigures]) -> Table:
    """Numbers of forms and fields; `KindFigures` defines the columns."""
    columns = ("forms", "whole", "", "no wrong", "ids right", "silent", "wrong", "values right", "not risked", "empty", "wrong")
    shown = table(title, "", *columns)
    for name, one in kinds.items():
        share = _percent(one.whole / one.forms if one.forms else None)
        forms = (str(one.forms), str(one.whole), share, str(one.without_wrong))
        right, *others = _tally(one.values)
        shown.add_row(name, *forms, *_tally(one.ids), right, "–" if right == "–" else str(one.not_risked), *others)
    return shown


def _bad_input(found: BadInput) -> Table:
    """Wrong answers per filled field, where forms are hard to read and elsewhere; the differences in points."""
    columns = ("forms", "filled", "wrong", "", "95 % interval", "more than in all other kinds", "95 % interval")
    shown = table("wrong answers per filled field, where forms are hard to read", "", *columns)
    rows: dict[str, WrongRate] = {**found.by_kind, "these kinds together": found.together, "all other kinds": found.others}
    for name, one in rows.items():
        counts = (str(one.forms), str(one.wrong.of), str(one.wrong.hits))
        share = (_percent(one.wrong.value), f"{_percent(one.low)} – {_percent(one.high)}")
        shown.add_row(name, *counts, *share, *_points(one.difference))
    return shown


def _points(difference: Difference | None) -> tuple[str, str]:
    if difference is None:
        return "–", "–"
    value, low, high = (f"{100 * share:+.2f}" for share in (difference.value, difference.low, difference.high))
    return value, f"{low} – {high}"


def _tally(one: Tally) -> tuple[str, str, str]:
    if not any((one.right, one.silent, one.wrong)):
        return "–", "–", "–"
    return str(one.right), str(one.silent), str(one.wrong)


def _harm(quality: Quality) -> Iterator[Table]:
    """The rates that must be (nearly) zero; nothing for forms that have none of these fields."""
    others, later, radios = quality.kinds.other_people, quality.kinds.later_entries, quality.kinds.radios
    if others.matched.of:
        shown = table("other people's fields that get the user's data", "", "fields", "filled", "")
        rows = {"all, an id accepted": others.matched, "all, a value written": others.filled, **others.by_whose}
        for name, share in rows.items():
            shown.add_row(name, str(share.of), str(share.hits), _percent(share.value))
        yield shown
    fields = later.right + later.silent + later.wrong
    if fields:
        shown = table("fields of second and later jobs, schools and projects", "", "fields", "right", "silent", "wrong", "right or silent")
        shown.add_row("", str(fields), *_tally(later), _percent((fields - later.wrong) / fields))
        yield shown
    if radios.questions:
        shown = table("questions of several radios", "", "questions", "answered", "answered twice")
        shown.add_row("", str(radios.questions), str(radios.answered), str(radios.twice))
        yield shown


def _mistakes(wrong: Sequence[Mistake]) -> Table:
    """Wrong ids and values, the first of them; `quality.json` has them all, and the silent fields."""
    shown = table(f"wrong answers ({len(wrong)})", "form", "field", "id", "instead of", "value", "instead of")
    for column in shown.columns:
        column.justify, column.overflow = "left", "fold"
    for one in wrong[:MISTAKES]:
        id_shown = (one.predicted, ", ".join(one.expected)) if one.id == "wrong" else (one.predicted, "")
        value_shown = (repr(one.filled), repr(one.expected_values[0])) if one.value == "wrong" else ("", "")
        shown.add_row(f"{one.kind} {one.form}", one.label or one.field, *id_shown, *value_shown)
    return shown


def _parts(title: str, parts: Mapping[str, Figures]) -> Table:
    shown = table(title, "", "fields", *TITLES.values())
    for name, figures in parts.items():
        shown.add_row(name, str(figures.fields), *(_percent(value_of(figures, headline)) for headline in HEADLINES))
    return shown


def _by_canonical(quality: Quality) -> Table:
    """Recall and precision of each id; `support` counts the fields whose truth it is."""
    shown = table("by canonical id", "", "support", "recall", "precision", "predicted")
    for one in quality.by_canonical:
        shown.add_row(one.canonical, str(one.support), _percent(one.recall.value), _percent(one.precision.value), str(one.precision.of))
    return shown


def _confusions(quality: Quality) -> Table:
    shown = table("worst confusions", "truth", "fields", "predicted")
    shown.columns[2].justify = "left"
    for one in quality.confusions[:WORST]:
        shown.add_row(one.truth, str(one.count), one.predicted)
    return shown


def _frequencies(title: str, counts: Mapping[str, int]) -> Table:
    shown = table(title, "", "fields", "share")
    total = sum(counts.values())
    for name, count in counts.items():
        shown.add_row(name, str(count), _percent(count / total))
    return shown


def _curve(quality: Quality) -> Table:
    """21 points of the curve, evenly spread over its points; the operating point first."""
    shown = table("precision and recall with one threshold on the score", "", "score", "recall", "precision", "false fill", "overall")
    last = len(quality.curve) - 1
    chosen = sorted({round(last * step / 20) for step in range(21)}) if quality.curve else []
    here = [("operating point", quality.operating_point)] if quality.operating_point is not None else []
    for name, point in [*here, *(("", quality.curve[number]) for number in chosen)]:
        shares = (_percent(value) for value in (point.recall, point.precision, point.false_fill, point.overall))
        shown.add_row(name, f"{point.threshold:.4f}", *shares)
    return shown


def _calibration(quality: Quality) -> Table:
    found = quality.calibration
    shown = table(f"expected calibration error, {len(found.bins)} bins", "", "error")
    for name, error in {"all decisions": found.expected_error, **found.by_method, **found.by_kind}.items():
        shown.add_row(name, _decimal(error, 4))
    return shown


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f} %"


def _decimal(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
