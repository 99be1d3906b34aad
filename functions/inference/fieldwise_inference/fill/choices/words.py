"""Options found by their words: the same text, the same answer in other words, or the value's words among more.

`equivalents.json` holds the words that mean the same answer, by topic and answer, in many languages.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from fieldwise_common.canonical import Answer, about
from fieldwise_common.wire import Option
from fieldwise_inference.fill.names import key
from fieldwise_inference.fill.options import is_row_number, only, page_key, text_of

YES_NO = "yes-no"
"""The topic of every yes-or-no id."""

NEGATIONS = frozenset(
    "not no non none never neither without nor decline nicht kein keine nie pas sans sin ningún não sem senza niet geen".split()
)
"""Words that turn the meaning of an option round. Whole sentences are read by those of `questions.words`."""
_AFFIRMING = frozenset({"yes", "protected", "veteran"})
_DENYING = frozenset({"no"})
MIN_LETTERS = 3
"""Shorter words ("of", "BA") don't tell one option from another."""


def same_text(value: str, options: Sequence[Option]) -> Option | None:
    """The option whose text or value is the same, exactly or by its key. A value that is a row number does not count.

    Keys leave out signs, of which some tell one answer from another: `C`, `C++` and `C#`.
    """
    name, signs = key(value), _signs(value)
    return (
        _first(options, lambda o: o.text == value)
        or _first(options, lambda o: o.value == value and not is_row_number(o))
        or (_first(options, lambda o: page_key(o.text) == name and _signs(o.text) == signs) if name else None)
        or (_first(options, lambda o: page_key(o.value) == name and _signs(o.value) == signs and not is_row_number(o)) if name else None)
    )


def _signs(text: str) -> str:
    return "".join(char for char in text if char in "+#<>≤≥")


def _first(options: Sequence[Option], matches: Callable[[Option], bool]) -> Option | None:
    return next((option for option in options if matches(option)), None)


def same_answer(canonical: str, value: str, options: Sequence[Option]) -> Option | None:
    """The option that `equivalents.json` lists as the same answer, by its text or else by its value."""
    wanted = _answers(canonical, value)
    if not wanted:
        return None
    by_text = [option for option in options if wanted & _answers_of(canonical, page_key(text_of(option)))]
    if by_text:
        return only(by_text) or by_text[0]
    is_boolean = {option.value for option in options} <= {"0", "1"}
    by_value = (o for o in options if wanted & _answers_of(canonical, page_key(o.value)) and (is_boolean or not is_row_number(o)))
    return only(by_value)


def yes_or_no(text: str) -> bool | None:
    """True for a yes in any of the languages, False for a no, None for anything else."""
    found = _tables()[YES_NO].get(key(text), frozenset())
    return next(iter(found)) == "yes" if len(found) == 1 else None


def truth_of(canonical: str, profile: Mapping[str, str]) -> bool | None:
    """Whether the profile answers a yes-or-no id with yes or no: bare, in the id's own words, or first ("No, I do not"); else None."""
    value = profile.get(canonical, "").strip()
    bare = yes_or_no(value)
    if bare is not None or not value:
        return bare
    if key(value) == "none":
        return False
    meant = {answer.partition(":")[2] for answer in _answers(canonical, value)}
    if meant and meant <= _AFFIRMING | _DENYING:
        return not meant <= _DENYING if meant.isdisjoint(_AFFIRMING) or meant.isdisjoint(_DENYING) else None
    return yes_or_no(re.split(r"[\s,.;]", value)[0])


def declines(text: str) -> bool:
    """Whether a text is a refusal to answer."""
    name = key(text)
    return name in _tables()["decline"] or bool(_DECLINES.search(name))


_DECLINES = re.compile(
    r"\b(?:decline|prefer not|rather not|choose not|(?:do not|dont|not) (?:wish|want|care|choose|like)|not to (?:say|answer|disclose"
    r"|specify|identify|state)"
    r"|undisclosed|keine angabe|mochte (?:ich )?nicht (?:angeben|beantworten)|ne souhaite pas (?:repondre|preciser|le dire)|prefiero no"
    r"|prefiro nao"
    r"|preferisco non|zeg ik liever niet|wil ik niet zeggen|wole nie|предпочитаю не)\b|回答しない|答えたくない|不愿|不願|응답하지"
)


def _answers(canonical: str, text: str) -> frozenset[str]:
    """The answers that `text` may mean, as `topic:answer`; empty if it is in none of the canonical id's topics."""
    return _answers_of(canonical, key(text))


def _answers_of(canonical: str, name: str) -> frozenset[str]:
    """As `_answers`, for the key of a text."""
    return frozenset(f"{topic}:{answer}" for topic in _topics(canonical) for answer in _tables()[topic].get(name, ()))


def _topics(canonical: str) -> tuple[str, ...]:
    """The topics of `equivalents.json` that answer the question of a canonical id."""
    row = about(canonical)
    return (*((YES_NO,) if row.answer is Answer.YES_NO else ()), *row.topics)


@cache
def _tables() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By topic and key of a text: the answers that the text may mean."""
    path = Path(__file__).with_name("equivalents.json")
    tables: dict[str, dict[str, set[str]]] = {}
    for topic, texts_by_answer in json.loads(path.read_text(encoding="utf-8")).items():
        for answer, texts in texts_by_answer.items():
            for text in (answer, *texts):
                tables.setdefault(topic, {}).setdefault(key(text), set()).add(answer)
    return {topic: {name: frozenset(answers) for name, answers in table.items()} for topic, table in tables.items()}


def more_words(value: str, options: Sequence[Option]) -> Option | None:
    """The only option that has all of the value's words and more, or fewer of them; never one that adds or drops a "not"."""
    wanted = frozenset(key(value).split())
    if not any(len(word) >= MIN_LETTERS for word in wanted):
        return None
    worded = [(option, frozenset(page_key(text_of(option)).split())) for option in options]
    agreeing = [(option, words) for option, words in worded if words & NEGATIONS == wanted & NEGATIONS]
    longer = [option for option, words in agreeing if wanted <= words]
    shorter = [o for o, words in agreeing if words <= wanted and any(len(word) >= MIN_LETTERS for word in words)]
    return only(longer) if longer else only(shorter)
