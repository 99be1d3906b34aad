"""The chain of evidence for choosing an option, from the same text to the nearest meaning."""

from collections.abc import Sequence

from fieldwise_common.canonical import Answer, Options
from fieldwise_common.wire import Option
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.choices.meaning import nearest
from fieldwise_inference.fill.choices.words import more_words, same_answer, same_text, starts_with_yes_or_no
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.date import date_option, date_part_option
from fieldwise_inference.fill.handlers.number import range_option
from fieldwise_inference.fill.handlers.region import country_option, language_option, region_option
from fieldwise_inference.fill.handlers.tel import dial_code_option
from fieldwise_inference.fill.options import answers_among, value_of
from fieldwise_inference.fill.result import Caveat, Filled, FillResult, NotFilled, Reason


def choose(to_fill: FieldToFill, encoder: Encoder | None) -> FillResult:
    """The option that is the value; if there is none and the value may be a list, the first of its items that is an option.

    With an `encoder`, the option nearest in meaning comes last, where the catalogue permits it.
    """
    options = answers_among(to_fill.field.options)
    found = find_option(to_fill, to_fill.value, options)
    if found is not None:
        return Filled(value_of(found))
    takes_several = to_fill.field.type.lower() == "select-multiple" or to_fill.canonical == "skills"
    if takes_several:
        items = (part.strip() for part in to_fill.value.replace(";", ",").split(","))
        several = next((hit for item in items if item and (hit := find_option(to_fill, item, options))), None)
        if several is not None:
            return Filled(value_of(several), Caveat.ONE_OF_SEVERAL)
    if encoder is not None and to_fill.row.options is Options.MEANING:
        near = nearest(to_fill.value, options, encoder)
        if near is not None:
            return Filled(value_of(near), Caveat.NEAREST_OPTION)
    return NotFilled(Reason.NO_MATCHING_OPTION)


def find_option(to_fill: FieldToFill, text: str, options: Sequence[Option]) -> Option | None:
    """The chain without the encoder. `text` is the value or an item of it; dates, numbers and places always read the whole value."""
    row = to_fill.row
    if row.answer is Answer.DATE:
        return date_option(to_fill.value, options) or same_text(text, options)
    if row.date_part is not None:
        return date_part_option(row.date_part, to_fill.value, options)
    if row.answer is Answer.DIAL_CODE:
        return dial_code_option(text, options, to_fill.home_country)
    return (
        same_text(text, options)
        or same_answer(row.id, text, options)
        or starts_with_yes_or_no(row.id, text, options)
        or _by_kind_of_answer(to_fill, options)
        or (more_words(text, options) if row.options is not Options.EXACT else None)
    )


def _by_kind_of_answer(to_fill: FieldToFill, options: Sequence[Option]) -> Option | None:
    match to_fill.row.answer:
        case Answer.COUNTRY:
            return country_option(to_fill.value, options)
        case Answer.REGION:
            return region_option(to_fill.value, options, to_fill.home_country)
        case Answer.LANGUAGE:
            return language_option(to_fill.value, options)
        case Answer.NUMBER | Answer.MONEY:
            return range_option(to_fill.canonical, to_fill.value, options)
    return None
