"""Country dial codes among options: `+49`, `Germany (+49)`, `🇩🇪 +49`, or just countries."""

import re
from collections.abc import Sequence

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from fieldwise_common.wire import Option
from fieldwise_inference.fill.choices.options import text_of
from fieldwise_inference.fill.knowledge.countries import country_code

_DIAL = re.compile(r"(?:\+|\b00)\s?(\d{1,4})(?!\d)")
_BARE = re.compile(r"\D*(\d{1,4})\D*")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_NAME = re.compile(r"[^()+\d]{2,}")
_FLAG_BASE = 0x1F1E6 - ord("A")


def dial_code(text: str) -> str | None:
    """The digits of a dial code; None for a text without one."""
    found = _DIAL.search(text) or _BARE.fullmatch(text)
    return found.group(1) if found else None


def _country(option: Option) -> str | None:
    """The country an option names, by flag, name or code."""
    flag = _FLAG.search(option.text)
    if flag:
        return "".join(chr(ord(char) - _FLAG_BASE) for char in flag.group())
    names = (found.group().strip(" -–,") for text in (option.text, option.value) for found in _NAME.finditer(text))
    return next((code for code in map(country_code, names) if code), None)


def same_dial_code(value: str, options: Sequence[Option], home: str) -> Option | None:
    """The option with the value's dial code. Of several countries that share it, the profile's, else the largest."""
    wanted = dial_code(value)
    if wanted is None:
        return None
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(wanted), ())
    likely = [code for code in (country_code(home) if home else None, *regions[:1]) if code in regions]
    has_codes = any("+" in option.text + option.value or dial_code(text_of(option)) for option in options)
    if has_codes:
        sharing = [o for o in options if wanted in (dial_code(o.text), dial_code(o.value))]
    else:
        sharing = [o for o in options if _country(o) in likely]
    by_country = (option for code in likely for option in sharing if _country(option) == code)
    return next(by_country, None) or (sharing[0] if sharing else None)
