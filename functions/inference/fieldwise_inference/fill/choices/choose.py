"""The chain of evidence for choosing an option, from the same text to the nearest meaning."""

from collections.abc import Sequence

from fieldwise_common.canonical import Answer, Options
from fieldwise_common.wire import FieldSlice, Option
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.choices.meaning import nearest
from fieldwise_inference.fill.choices.statements import true_option
from fieldwise_inference.fill.choices.words import more_words, same_answer, same_text, yes_or_no
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.date import date_option, date_part_option
from fieldwise_inference.fill.handlers.era import era_option
from fieldwise_inference.fill.handlers.number import range_option
from fieldwise_inference.fill.handlers.region import country_option, language_option, region_option
from fieldwise_inference.fill.handlers.tel import dial_code_option
from fieldwise_inference.fill.options import answers_among, text_of, value_of
from fieldwise_inference.fill.questions.conversions import duration_option
from fieldwise_inference.fill.questions.polarity import asked
from fieldwise_inference.fill.result import Caveat, Filled, FillResult, NotFilled, Reason


def choose(to_fill: FieldToFill, encoder: Encoder | None) -> FillResult:
    """The option that is the value; if the field takes several or the value may be a list, those that are its items.

    With an `encoder`, the option nearest in meaning comes last, where the catalogue permits it.
    """
    options = answers_among(_reachable(to_fill.field.options))
    question = asked(to_fill)
    if not question.is_plain:
        true = true_option(to_fill, question.truth, options)
        return chosen(true) if true is not None else NotFilled(Reason.INVERTED_QUESTION)
    same = same_text(to_fill.value, options)
    several = all_options(to_fill, options) if same is None and takes_several(to_fill) else []
    if len(several) > 1:
        return chosen(*(several if is_multiple(to_fill.field) else several[:1]), caveat=Caveat.ONE_OF_SEVERAL)
    found = find_option(to_fill, to_fill.value, options)
    if found is not None:
        return chosen(found)
    if several:
        return chosen(*several, caveat=Caveat.ONE_OF_SEVERAL)
    is_yes_or_no = any(yes_or_no(text_of(option)) is not None for option in options)
    if encoder is not None and to_fill.row.options is Options.MEANING and question.truth is None and not is_yes_or_no:
        near = nearest(to_fill.value, options, encoder)
        if near is not None:
            return chosen(near, caveat=Caveat.NEAREST_OPTION)
    return NotFilled(Reason.NO_MATCHING_OPTION)


def _reachable(options: Sequence[Option]) -> list[Option]:
    """The options that a client can choose by their value: of those with the same one, it gets the first."""
    first: dict[str, Option] = {}
    for option in options:
        first.setdefault(value_of(option), option)
    return list(first.values())


def chosen(*options: Option, caveat: Caveat | None = None) -> Filled:
    """The fill for one option or more; `values` only for more."""
    values = tuple(map(value_of, options))
    return Filled(values[0], caveat, text=text_of(options[0]), values=values if len(values) > 1 else (), action="choose")


def takes_several(to_fill: FieldToFill) -> bool:
    """Whether the field takes several answers, or the value may be a list of them."""
    return is_multiple(to_fill.field) or to_fill.canonical == "skills"


def is_multiple(field: FieldSlice) -> bool:
    """Whether several options of a field may be chosen."""
    return field.multiple or field.type.lower() == "select-multiple" or field.kind == "checkbox"


def all_options(to_fill: FieldToFill, options: Sequence[Option]) -> list[Option]:
    """The options that are items of the value, in the value's order, each once."""
    items = (item.strip() for item in to_fill.value.replace(";", ",").split(","))
    found = (find_option(to_fill, item, options) for item in items if item)
    return list({value_of(option): option for option in found if option is not None}.values())


def find_option(to_fill: FieldToFill, text: str, options: Sequence[Option]) -> Option | None:
    """The chain without the encoder. `text` is the value or an item of it; dates, numbers and places always read the whole value."""
    row = to_fill.row
    if row.answer is Answer.DATE:
        return date_option(to_fill.value, options) or same_text(text, options)
    if row.date_part is not None:
        return date_part_option(row.date_part, to_fill.value, options)
    if row.answer is Answer.DIAL_CODE:
        return dial_code_option(text, options, to_fill.home_country)
    if row.answer is Answer.REGION:
        return region_option(text, options, to_fill.home_country)
    truth = asked(to_fill).truth
    return (
        same_text(text, options)
        or same_answer(row.id, text, options)
        or (true_option(to_fill, truth, options) if truth is not None else None)
        or _by_kind_of_answer(to_fill, options)
        or (more_words(text, options) if row.options is not Options.EXACT and truth is None else None)
    )


def _by_kind_of_answer(to_fill: FieldToFill, options: Sequence[Option]) -> Option | None:
    if to_fill.canonical == "notice-period":
        return duration_option(to_fill, options)
    if to_fill.canonical == "bday-era":
        return era_option(to_fill.value, options)
    match to_fill.row.answer:
        case Answer.COUNTRY:
            return country_option(to_fill.value, options)
        case Answer.LANGUAGE:
            return language_option(to_fill.value, options)
        case Answer.NUMBER | Answer.MONEY:
            return range_option(to_fill.canonical, to_fill.value, options)
    return None
