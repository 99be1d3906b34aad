"""The chain of evidence for choosing an option."""

from collections.abc import Sequence

from fieldwise_common.wire import Option
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.choices import dates, places
from fieldwise_inference.fill.choices.dial_codes import same_dial_code
from fieldwise_inference.fill.choices.meaning import nearest
from fieldwise_inference.fill.choices.options import answer_of, usable
from fieldwise_inference.fill.choices.ranges import NUMERIC_IDS, range_around
from fieldwise_inference.fill.choices.words import more_words, same_answer, same_text, yes_or_no_first
from fieldwise_inference.fill.dates.date_ids import DATE_IDS, DATE_PART_IDS
from fieldwise_inference.fill.dates.partial_date import PartialDate, date_of, part_of_date
from fieldwise_inference.fill.outcome import Answer, Caveat, Outcome, Reason, Refusal

CODED_IDS = NUMERIC_IDS | frozenset(
    "country citizenship tel-area-code postal-code address-level1 address-level2 address-level3 address-level4".split()
)
"""Never found by some of their words: `Virginia` is not `West Virginia`."""


def _date_choice(blank: Blank, options: Sequence[Option]) -> Option | None:
    """A part of a date, where the meaning or the options say which; a whole date in a list is found by its text alone."""
    part: dates.Part | None
    date: PartialDate | None
    if blank.canonical in DATE_PART_IDS:
        part, date = DATE_PART_IDS[blank.canonical], part_of_date(DATE_PART_IDS[blank.canonical], blank.value)
    else:
        part, date = dates.part_asked(options), date_of(blank.value)
    return dates.same_part(part, date, options) if part and date else None


def _by_meaning_of_id(blank: Blank, options: Sequence[Option]) -> Option | None:
    """What is known of places and numbers, by what the field means."""
    if blank.canonical in {"country", "citizenship"}:
        return places.country(blank.value, options)
    if blank.canonical == "address-level1":
        return places.subdivision(blank.value, options, blank.country)
    if blank.canonical == "language":
        return places.language(blank.value, options)
    return range_around(blank.canonical, blank.value, options)


def by_words(blank: Blank, value: str, options: Sequence[Option]) -> Option | None:
    """The chain without the encoder, for one way to say the value."""
    if blank.canonical in DATE_IDS or blank.canonical in DATE_PART_IDS:
        found = _date_choice(blank, options)
        return found or (same_text(value, options) if blank.canonical in DATE_IDS else None)
    if blank.canonical == "tel-country-code":
        return same_dial_code(value, options, blank.country)
    exact = same_text(value, options) or same_answer(blank.canonical, value, options) or yes_or_no_first(blank.canonical, value, options)
    if exact is not None:
        return exact
    return _by_meaning_of_id(blank, options) or (None if blank.canonical in CODED_IDS else more_words(value, options))


def choose(blank: Blank, encoder: Encoder | None) -> Outcome:
    """The option that is the blank's value, as what the page is told to choose it.

    Exact text, the same text normalised, known equivalents, more or fewer words, and last, with an `encoder`, the
    nearest meaning. Options that only ask to choose are never taken.
    """
    options = usable(blank.field.options)
    found = by_words(blank, blank.value, options)
    if found is not None:
        return Answer(answer_of(found))
    takes_several = blank.field.type.lower() == "select-multiple" or blank.canonical == "skills"
    if takes_several:
        items = (part.strip() for part in blank.value.replace(";", ",").split(","))
        several = next((hit for item in items if item and (hit := by_words(blank, item, options))), None)
        if several is not None:
            return Answer(answer_of(several), Caveat.ONE_OF_SEVERAL)
    near = nearest(blank.canonical, blank.value, options, encoder) if encoder is not None else None
    return Answer(answer_of(near), Caveat.NEAREST_OPTION) if near is not None else Refusal(Reason.NO_MATCHING_OPTION)
