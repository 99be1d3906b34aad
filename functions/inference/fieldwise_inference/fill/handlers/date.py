"""Dates: native inputs take ISO 8601, text boxes the format they show."""

from datetime import date as calendar_date

from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.dates.date_format import ISO, ISO_MONTH, ISO_YEAR, DateFormat
from fieldwise_inference.fill.dates.date_ids import DATE_IDS
from fieldwise_inference.fill.dates.detect import admitted_format, shown_format
from fieldwise_inference.fill.dates.partial_date import PartialDate, date_of
from fieldwise_inference.fill.fitting import fit, fit_texts
from fieldwise_inference.fill.outcome import Answer, Caveat, Outcome, Reason, Refusal


def _week(date: PartialDate) -> str | None:
    if date.year is None or date.month is None or date.day is None:
        return None
    year, week, _ = calendar_date(date.year, date.month, date.day).isocalendar()
    return f"{year:04d}-W{week:02d}"


def native_date(blank: Blank) -> Outcome:
    """For `<input type=date>`, `month` and `week`, which take one format, whatever they show."""
    date = date_of(blank.value)
    if date is None or blank.canonical not in DATE_IDS:
        return Refusal(Reason.BAD_DATE)
    written = {"date": ISO.render, "month": ISO_MONTH.render, "week": _week}[blank.kind](date)
    return Answer(written) if written else Refusal(Reason.INCOMPLETE_DATE)


def _known_iso(date: PartialDate) -> str:
    """As much of the date in ISO 8601 as is known."""
    return ISO.render(date) or ISO_MONTH.render(date) or ISO_YEAR.render(date) or ""


def text_date(blank: Blank) -> Outcome:
    """For a text box: the format it shows, else the one its pattern admits, else ISO 8601 with a caveat.

    An answer in words ("immediately") stands as it is where the box shows no format.
    """
    shown: DateFormat | None = shown_format(blank.field) or admitted_format(blank.field)
    date = date_of(blank.value)
    if date is None:
        is_words = not any(char.isdigit() for char in blank.value) and blank.canonical != "bday"
        return fit_texts([blank.value], blank.field) if is_words and shown is None else Refusal(Reason.BAD_DATE)
    if shown is not None:
        written = shown.render(date)
        return fit([Answer(written)], blank.field) if written else Refusal(Reason.INCOMPLETE_DATE)
    iso = _known_iso(date)
    return fit([Answer(text, Caveat.DATE_FORMAT_UNKNOWN) for text in (iso, iso.replace("-", ""))], blank.field)
