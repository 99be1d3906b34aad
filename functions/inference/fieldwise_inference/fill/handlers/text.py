"""Text boxes and areas: trimmed, on one line or several, never cut into something wrong."""

import re

from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.fitting import fit, units
from fieldwise_inference.fill.knowledge.numbers import MONEY_IDS, number_of, plain
from fieldwise_inference.fill.outcome import Answer, Caveat, Outcome, Reason, Refusal

PROSE_IDS = frozenset({"cover-letter", "job-description", "skills"})
"""Texts that still say something true when their end is missing."""
MIN_PROSE = 80
"""A shorter piece of prose is not worth having."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\s*,?\s*\n\s*")
_ZIP_PLUS_4 = re.compile(r"(\d{5})-\d{4}")


def clean(value: str, keeps_lines: bool) -> str:
    """A value without control characters, trimmed; on one line (`, ` for line ends) unless `keeps_lines`."""
    unix = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    plain_text = _CONTROL.sub("", unix).strip()
    return plain_text if keeps_lines else _LINE_ENDS.sub(", ", plain_text)


def _shortened(text: str, limit: int) -> str:
    """The words that fit into `limit` UTF-16 units."""
    kept = text
    while units(kept) > limit:
        kept = kept[: limit if len(kept) > limit else len(kept) - 1]
    whole_words = kept.rpartition(" ")[0] if len(kept) < len(text) and not text[len(kept)].isspace() else kept
    return whole_words.rstrip(" ,;\n")


def _variants(blank: Blank, text: str) -> list[Answer]:
    """Other ways to write the same, for boxes the value as it is does not fit."""
    canonical, limit = blank.canonical, blank.field.maxlength
    others: list[str] = []
    if canonical == "postal-code":
        compact = re.sub(r"[\s-]", "", text)
        zip_5 = _ZIP_PLUS_4.fullmatch(text)
        others = [compact, compact.upper(), *((zip_5.group(1),) if zip_5 else ())]
    elif canonical == "additional-name":
        others = [f"{text[:1]}.", text[:1]]
    elif canonical in {"honorific-prefix", "honorific-suffix"}:
        others = [text.rstrip("."), f"{text.rstrip('.')}."]
    elif canonical in MONEY_IDS | {"years-of-experience", "age", "gpa"}:
        number = number_of(text, canonical)
        others = [plain(number)] if number is not None else []
    elif canonical in PROSE_IDS and limit is not None and limit >= MIN_PROSE:
        return [Answer(text), Answer(_shortened(text, limit), Caveat.SHORTENED)]
    return [Answer(variant) for variant in (text, *others)]


def text(blank: Blank) -> Outcome:
    """The value as it is where it fits, else another way to write it. Only prose is ever shortened."""
    value = clean(blank.value, keeps_lines=blank.kind == "textarea")
    return fit(_variants(blank, value), blank.field) if value else Refusal(Reason.NO_VALUE)


def email(blank: Blank) -> Outcome:
    """For `<input type=email>`: something with one @ and no spaces, whatever the match means."""
    value = clean(blank.value, keeps_lines=False)
    local, at, domain = value.partition("@")
    is_address = bool(local and at and domain) and "@" not in domain and not re.search(r"\s", value)
    return fit([Answer(value)], blank.field) if is_address else Refusal(Reason.NOT_AN_EMAIL)
