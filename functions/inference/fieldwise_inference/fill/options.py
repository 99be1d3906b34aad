"""The options of a field: what to read of one, what to return for it, and which are answers rather than prompts ("Select…")."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from fieldwise_common.wire import Option
from fieldwise_inference.fill.names import key

_PROMPTS = (
    "select|please select|choose|please choose|pick|make a selection|please make a selection|bitte|auswählen|wählen sie"
    "|sélectionnez|sélectionner|choisissez|choisir|veuillez|seleccione|selecciona|seleccionar|elija|elige|elegir|escoge"
    "|selecione|selecionar|escolha|escolher|seleziona|selezionare|scegli|scegliere|kies|selecteer|maak een keuze|vælg|velg|välj|valitse"
    "|wybierz|vyberte|zvolte|válasszon|kérjük|alege|alegeți|selectați|изберете|выберите|выбрать|оберіть|виберіть|seçiniz|seçin|lütfen"
    "|επιλέξτε|επιλογή|בחר|בחרו|اختر|اختار|चुनें|कृपया|pilih|silakan|chọn|vui lòng|เลือก|กรุณา|选择|選擇|请选择|請選擇|選んで|선택"
)
_STARTS_AS_PROMPT = re.compile(rf"^(?:{'|'.join(key(text) for text in _PROMPTS.split('|'))})(?:\s|$)")
_ENDS_AS_PROMPT = re.compile(
    r"(?:auswählen|wählen|選択してください|選択|お選びください|を選ぶ|请选择|請選擇|선택하세요|선택해 주세요|선택|चुनें|seçiniz|seçin)\W*$"
)


def answers_among(options: Sequence[Option]) -> list[Option]:
    """The options that are answers. A first one with a text but no value, where all others have a value, is a heading."""
    has_heading = len(options) > 1 and not options[0].value and all(option.value for option in options[1:])
    return [option for option in options[has_heading:] if not is_prompt(option)]


def is_prompt(option: Option) -> bool:
    """Whether an option only asks the user to choose ("Select…", "--", ""), in any of the languages."""
    return _is_prompt(text_of(option))


@lru_cache(maxsize=8192)
def _is_prompt(text: str) -> bool:
    name = key(text)
    return not name or bool(_STARTS_AS_PROMPT.match(name)) or bool(_ENDS_AS_PROMPT.search(text.casefold()))


@lru_cache(maxsize=8192)
def page_key(text: str) -> str:
    """The key of an option's text or value, cached. Never for a user's value: that must not outlive its request."""
    return key(text)


def text_of(option: Option) -> str:
    """What a person reads: the option's text, or its value if it has no text."""
    return option.text or option.value


def value_of(option: Option) -> str:
    """What a client needs to choose the option: its value, or its text if it has no value."""
    return option.value or option.text


def is_row_number(option: Option) -> bool:
    """Whether the value is a bare number unrelated to the text: `3` in `<option value=3>April`."""
    return option.value.isdigit() and option.text not in ("", option.value)


def only(options: Iterable[Option]) -> Option | None:
    """The single distinct option, by value; None if there are none or several."""
    found = {value_of(option): option for option in options}
    return next(iter(found.values())) if len(found) == 1 else None
