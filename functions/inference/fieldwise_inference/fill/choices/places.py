"""Countries, states and languages among options, whatever language or code they are written in."""

from collections.abc import Callable, Sequence
from functools import partial

from fieldwise_common.wire import Option
from fieldwise_inference.fill.choices.options import is_row_number, text_of
from fieldwise_inference.fill.knowledge import locales
from fieldwise_inference.fill.knowledge.countries import country_code
from fieldwise_inference.fill.knowledge.keys import key
from fieldwise_inference.fill.knowledge.subdivisions import subdivision_code

LIKELY_COUNTRIES = ("US", "CA", "AU", "GB", "IN", "DE", "BR", "MX", "IT", "ES", "JP")
"""Tried in turn for a state whose country the profile does not say."""


def _same_code(value: str, options: Sequence[Option], code_of: Callable[[str], str | None]) -> Option | None:
    """The first option whose text, or else whose value, has the value's code."""
    wanted = code_of(value)
    if wanted is None:
        return None
    by_text = (option for option in options if code_of(text_of(option)) == wanted)
    by_value = (option for option in options if not is_row_number(option) and code_of(option.value) == wanted)
    return next(by_text, None) or next(by_value, None)


def country(value: str, options: Sequence[Option]) -> Option | None:
    """The option that is the same country."""
    return _same_code(value, options, country_code)


def language(value: str, options: Sequence[Option]) -> Option | None:
    """The option that is the same language, by name or ISO 639 code."""
    return _same_code(value, options, lambda text: locales.language(key(text)) or (text.lower() if len(text) == 2 else None))


def subdivision(value: str, options: Sequence[Option], home: str) -> Option | None:
    """The option that is the same state or province. `home`: the profile's country; "" where it has none."""
    named = country_code(home) if home else None
    for code in (named,) if named else LIKELY_COUNTRIES:
        known = sum(subdivision_code(code, text_of(option)) is not None for option in options)
        if 2 * known >= len(options):
            return _same_code(value, options, partial(subdivision_code, code))
    return None
