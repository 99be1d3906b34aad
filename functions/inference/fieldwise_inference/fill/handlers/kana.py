"""How a Japanese name is read, in the script that the box asks for: katakana unless it shows hiragana or half-width letters.

A pattern decides too: it is what the page checks.
"""

import re
import unicodedata

from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.fit import fit_texts
from fieldwise_inference.fill.handlers.text import clean
from fieldwise_inference.fill.result import FillResult, NotFilled, Reason

_FROM_HIRAGANA_TO_KATAKANA = 0x60
"""Unicode lists both scripts in the same order."""
_HIRAGANA = {code: code + _FROM_HIRAGANA_TO_KATAKANA for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_KATAKANA = {katakana: hiragana for hiragana, katakana in _HIRAGANA.items()}
_HALF_WIDTH = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFF9E)} | {"\u3099": "ﾞ", "\u309a": "ﾟ"}
_SHOWN = (
    ("half-width", re.compile(r"半角\s?カ|半角\s?ｶ|[ｦ-ﾟ]|half.?width", re.IGNORECASE)),
    ("katakana", re.compile(r"カタカナ|片仮名|全角カナ|katakana", re.IGNORECASE)),
    ("hiragana", re.compile(r"ひらがな|平仮名|hiragana", re.IGNORECASE)),
    ("katakana", re.compile(r"フリガナ|カナ|セイ|メイ|[ァ-ヺ]{3}")),
    ("hiragana", re.compile(r"ふりがな|かな|せい|めい|[ぁ-ゖ]{3}")),
)
"""The script that a text asks for. Words for a script go before `フリガナ`, which says only that the reading is asked for."""


def kana(to_fill: FieldToFill) -> FillResult:
    """The reading of a name in the script that the box shows, else in one that it allows."""
    value = clean(to_fill.value, keeps_lines=False)
    wide = katakana(value)
    scripts = {"katakana": wide, "hiragana": hiragana(wide), "half-width": half_width(wide)}
    first = _shown(to_fill)
    ways = [scripts.pop(first), *(scripts.values() if to_fill.field.pattern else ())]
    return fit_texts(ways, to_fill.field) if value else NotFilled(Reason.NO_VALUE)


def _shown(to_fill: FieldToFill) -> str:
    """By the label, else by the placeholder and the texts around the box; a label that shows none is no reason against katakana."""
    field = to_fill.field
    texts = (field.label, field.placeholder, field.described_by, field.nearby, field.group)
    return next((script for text in texts for script, pattern in _SHOWN if pattern.search(text)), "katakana")


def katakana(text: str) -> str:
    """Kana of any script as full-width katakana; other letters stay."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA)


def hiragana(text: str) -> str:
    """Full-width katakana as hiragana; letters that hiragana lacks (the long vowel's `ー`) stay."""
    return text.translate(_KATAKANA)


def half_width(text: str) -> str:
    """Full-width katakana as half-width katakana, whose voiced letters are two characters."""
    return "".join(_HALF_WIDTH.get(char, char) for char in unicodedata.normalize("NFD", text))
