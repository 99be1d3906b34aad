"""The options one could choose, without those that only ask to choose."""

import re
from collections.abc import Iterable, Sequence

from fieldwise_common.wire import Option
from fieldwise_inference.fill.knowledge.keys import key

_ASKING = (
    "select|please select|choose|please choose|pick|make a selection|please make a selection|bitte|auswählen|wählen sie"
    "|sélectionnez|sélectionner|choisissez|choisir|veuillez|seleccione|selecciona|seleccionar|elija|elige|elegir|escoge"
    "|selecione|selecionar|escolha|escolher|seleziona|selezionare|scegli|scegliere|kies|selecteer|maak een keuze|vælg|velg|välj|valitse"
    "|wybierz|vyberte|zvolte|válasszon|kérjük|alege|alegeți|selectați|изберете|выберите|выбрать|оберіть|виберіть|seçiniz|seçin|lütfen"
    "|επιλέξτε|επιλογή|בחר|בחרו|اختر|اختار|चुनें|कृपया|pilih|silakan|chọn|vui lòng|เลือก|กรุณา|选择|選擇|请选择|請選擇|選んで|선택"
)
_ASKS = re.compile(rf"^(?:{'|'.join(key(text) for text in _ASKING.split('|'))})(?:\s|$)")
_ENDS_ASKING = re.compile(
    r"(?:auswählen|wählen|選択してください|選択|お選びください|を選ぶ|请选择|請選擇|선택하세요|선택해 주세요|선택|चुनें|seçiniz|seçin)\W*$"
)


def is_placeholder(option: Option) -> bool:
    """Whether an option only asks to choose ("Select…", "--", ""), in any of the languages."""
    text = option.text or option.value
    name = key(text)
    return not name or bool(_ASKS.match(name)) or bool(_ENDS_ASKING.search(text.casefold()))


def usable(options: Sequence[Option]) -> list[Option]:
    """The options that are answers. A first one with a text but no value, where the others have values, is a heading."""
    has_heading = len(options) > 1 and not options[0].value and all(option.value for option in options[1:])
    return [option for option in options[has_heading:] if not is_placeholder(option)]


def answer_of(option: Option) -> str:
    """What a page is told to choose an option: its value, or its text where it has none."""
    return option.value or option.text


def text_of(option: Option) -> str:
    """What a person reads of an option."""
    return option.text or option.value


def is_row_number(option: Option) -> bool:
    """Whether the value is a bare number that says nothing of the text: `3` of `<option value=3>April`."""
    return option.value.isdigit() and option.text not in ("", option.value)


def only(options: Iterable[Option]) -> Option | None:
    """The one option of several mentions of it; None when there are none, or several answers."""
    found = {answer_of(option): option for option in options}
    return next(iter(found.values())) if len(found) == 1 else None
