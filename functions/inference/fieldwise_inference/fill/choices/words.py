"""Options found by their words: the same text, the same answer in other words, the value's words among more."""

from collections.abc import Callable, Sequence

from fieldwise_common.wire import Option
from fieldwise_inference.fill.choices.options import is_row_number, only, text_of
from fieldwise_inference.fill.knowledge.equivalents import YES_NO, answers, topics, yes_or_no
from fieldwise_inference.fill.knowledge.keys import key

NEGATIONS = frozenset(
    "not no non none never neither without nor decline nicht kein keine nie pas sans sin ningún não sem senza niet geen".split()
)
MIN_TELLING_LETTERS = 3
"""Shorter words ("of", "BA") don't tell one option from another."""


def _first(options: Sequence[Option], says: Callable[[Option], bool]) -> Option | None:
    return next((option for option in options if says(option)), None)


def same_text(value: str, options: Sequence[Option]) -> Option | None:
    """Exactly the text or the value, then the same without case, accents and punctuation; a row number is no value."""
    name = key(value)
    return (
        _first(options, lambda o: o.text == value)
        or _first(options, lambda o: o.value == value and not is_row_number(o))
        or (_first(options, lambda o: key(o.text) == name) if name else None)
        or (_first(options, lambda o: key(o.value) == name and not is_row_number(o)) if name else None)
    )


def same_answer(canonical: str, value: str, options: Sequence[Option]) -> Option | None:
    """The one option that is the same answer by the tables of equivalents, by its text or else by its value."""
    wanted = answers(canonical, value)
    if not wanted:
        return None
    by_text = [option for option in options if wanted & answers(canonical, text_of(option))]
    if by_text:
        return only(by_text) or by_text[0]
    is_boolean = {option.value for option in options} <= {"0", "1"}
    by_value = (o for o in options if wanted & answers(canonical, o.value) and (is_boolean or not is_row_number(o)))
    return only(by_value)


def yes_or_no_first(canonical: str, value: str, options: Sequence[Option]) -> Option | None:
    """The one option that begins with the value's yes or no: "Yes, I will need sponsorship"."""
    wanted = yes_or_no(value) if YES_NO in topics(canonical) else None
    if wanted is None:
        return None
    return only(option for option in options if yes_or_no(key(text_of(option)).partition(" ")[0]) is wanted)


def more_words(value: str, options: Sequence[Option]) -> Option | None:
    """The one option that says the value and more, or the value in fewer words; never one that adds or drops a "not"."""
    said = frozenset(key(value).split())
    if not any(len(word) >= MIN_TELLING_LETTERS for word in said):
        return None
    worded = [(option, frozenset(key(text_of(option)).split())) for option in options]
    agreeing = [(option, words) for option, words in worded if words & NEGATIONS == said & NEGATIONS]
    longer = [option for option, words in agreeing if said <= words]
    shorter = [o for o, words in agreeing if words <= said and any(len(word) >= MIN_TELLING_LETTERS for word in words)]
    return only(longer) if longer else only(shorter)
