"""Text boxes and areas, and email inputs: the value trimmed, on one line or several, and never cut into something untrue."""

import re

from fieldwise_common.canonical import Answer
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit, utf16_length
from fieldwise_inference.fill.handlers.number import number_of, plain
from fieldwise_inference.fill.result import Caveat, Filled, FillResult, NotFilled, Reason

MANY_LINES = frozenset({"textarea", "textbox", "contenteditable", "richtext"})
"""Kinds of field with several lines: besides text areas, what pages make of a `div`."""
MIN_PROSE = 80
"""Prose is not shortened to less than this, in UTF-16 units."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\s*,?\s*\n\s*")
_ZIP_PLUS_4 = re.compile(r"(\d{5})-\d{4}")


def text(to_fill: FieldToFill) -> FillResult:
    """The value as it is, else another way to write it; only prose is ever shortened."""
    value = clean(to_fill.value, keeps_lines=to_fill.field.kind in MANY_LINES)
    return fit(_variants(to_fill, value), to_fill.field) if value else NotFilled(Reason.NO_VALUE)


def email(to_fill: FieldToFill) -> FillResult:
    """For `<input type=email>`: an address with one @ and no spaces, whatever the canonical id."""
    value = clean(to_fill.value, keeps_lines=False)
    local, at, domain = value.partition("@")
    is_address = bool(local and at and domain) and "@" not in domain and not re.search(r"\s", value)
    return fit([Filled(value)], to_fill.field) if is_address else NotFilled(Reason.NOT_AN_EMAIL)


def clean(value: str, keeps_lines: bool) -> str:
    """A value trimmed and without control characters; in one line, with `, ` for line breaks, unless `keeps_lines`."""
    unix = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    printable = _CONTROL.sub("", unix).strip()
    return printable if keeps_lines else _LINE_ENDS.sub(", ", printable)


def _variants(to_fill: FieldToFill, text: str) -> list[Filled]:
    """The text as it is, then other ways to write it for boxes that it does not fit."""
    limit = to_fill.field.maxlength
    if to_fill.row.answer is Answer.PROSE and limit is not None and limit >= MIN_PROSE:
        return [Filled(text), Filled(_shortened(text, limit), Caveat.SHORTENED)]
    return [Filled(text), *map(Filled, _other_forms(to_fill, text))]


def _other_forms(to_fill: FieldToFill, text: str) -> list[str]:
    if to_fill.row.answer in {Answer.NUMBER, Answer.MONEY}:
        number = number_of(text, to_fill.canonical)
        return [plain(number)] if number is not None else []
    match to_fill.canonical:
        case "postal-code":
            compact = re.sub(r"[\s-]", "", text)
            zip_5 = _ZIP_PLUS_4.fullmatch(text)
            return [compact, compact.upper(), *((zip_5.group(1),) if zip_5 else ())]
        case "house-number":
            return [text.replace(" ", "")]
        case "additional-name":
            return [f"{text[:1]}.", text[:1]]
        case "honorific-prefix" | "honorific-suffix":
            return [text.rstrip("."), f"{text.rstrip('.')}."]
    return []


def _shortened(text: str, limit: int) -> str:
    """The words that fit into `limit` UTF-16 units."""
    start = text
    while utf16_length(start) > limit:
        start = start[: limit if len(start) > limit else len(start) - 1]
    whole_words = start.rpartition(" ")[0] if len(start) < len(text) and not text[len(start)].isspace() else start
    return whole_words.rstrip(" ,;\n")
