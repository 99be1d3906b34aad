"""Options of a yes-or-no question: a bare yes or no answers the question, a statement ("I will require sponsorship") is true or false."""

import re
from collections.abc import Sequence

from fieldwise_common.wire import Option
from fieldwise_inference.fill.choices.words import declines, yes_or_no
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.names import key
from fieldwise_inference.fill.options import only, text_of
from fieldwise_inference.fill.questions import claims

_LEAD = re.compile(
    r"\s*(?P<word>[^\W\d]+)(?:\s*[,.;:!–—-]\s*|\s+(?=(?:i|we|ich|je|j|yo|eu|io|ik|ja|jag|jeg|я)\b))(?P<rest>.+)", re.IGNORECASE | re.DOTALL
)
"""`Yes, I am`: a first word, and what follows it."""

_EVADES = re.compile(
    r"\b(?:not sure|unsure|(?:dont|do not|not) know|undecided|not applicable|no (?:answer|comment|preference|opinion|response)"
    r"|nicht sicher|weiss (?:ich |es )?nicht|nicht zutreffend|keine (?:antwort|meinung)|no (?:lo )?se|no estoy segur[oa]|no aplica"
    r"|ne sais pas|pas sure?|sans objet|nao (?:sei|tenho certeza|se aplica)|non (?:lo )?so|non sono sicur[oa]|non applicabile"
    r"|weet (?:ik )?niet|niet zeker|niet van toepassing|nie wiem|nie dotyczy|не знаю|не уверен\w*|не применимо)\b"
)
"""Answers that are neither yes nor no, although they say "not"."""


def true_option(to_fill: FieldToFill, asked: bool | None, options: Sequence[Option]) -> Option | None:
    """The one option that is true. `asked` is the true answer to the question itself; None if it is not known.

    All others must be false or refuse to answer, unless the option answers the question by its first word.
    """
    judged = [(option, option_truth(to_fill, asked, text_of(option))) for option in options if not _says_neither(text_of(option))]
    true = [option for option, truth in judged if truth is True]
    bare = only(option for option in true if yes_or_no(text_of(option)) is not None)
    found = bare or only(true)
    if found is None:
        return None
    is_open = any(truth is None for _, truth in judged)
    return found if not is_open or bare is found or _lead(text_of(found)) is not None else None


def option_truth(to_fill: FieldToFill, asked: bool | None, text: str) -> bool | None:
    """Whether the text of an option or of a box is true; None if that is not known. `asked` as for `true_option`."""
    if _says_neither(text):
        return False
    bare = yes_or_no(text)
    if bare is not None:
        return None if asked is None else asked == bare
    lead = _lead(text)
    if lead is None:
        return claims.truth(to_fill.canonical, text, to_fill.profile) if is_statement(to_fill, text) else None
    answer, rest = lead
    answers = None if asked is None else asked == answer
    if not is_statement(to_fill, rest):
        return answers
    states = claims.truth(to_fill.canonical, rest, to_fill.profile)
    if False in (answers, states):
        return False
    return True if answers is True and states is True else None


def _says_neither(text: str) -> bool:
    return declines(text) or bool(_EVADES.search(key(text)))


def is_statement(to_fill: FieldToFill, text: str) -> bool:
    """Whether a text claims something by itself, true or false."""
    return bool(claims.read(to_fill.canonical, text).claims)


def _lead(text: str) -> tuple[bool, str] | None:
    """The yes or no that a text begins with, and the rest of it; None if it does not."""
    found = _LEAD.fullmatch(text)
    answer = yes_or_no(found["word"]) if found else None
    if found is not None and answer is not None:
        return answer, found["rest"]
    first, _, rest = text.strip().partition(" ")
    return (True, rest) if rest and yes_or_no(first) is True and len(key(first)) > 1 else None
