"""Fields that were matched to an id but ask for something else, near it (a follow-up, experience with one thing): not filled."""

import re

from fieldwise_common.canonical import Answer
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill.dates.values import date_of
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.questions.experience import is_about_one_thing
from fieldwise_inference.fill.questions.fields import is_tick
from fieldwise_inference.fill.questions.grades import is_on_another_scale
from fieldwise_inference.fill.result import Reason


def misfit(to_fill: FieldToFill) -> Reason | None:
    """Why the field asks for something else than the value, or the value contradicts the rest of the profile; None if neither."""
    match to_fill.canonical:
        case "address-line2" if not _HOUSE_NUMBERS.isdisjoint(_texts(to_fill)):
            return Reason.HOUSE_NUMBER
        case "additional-name" if any(not _NAME_PARTICLES.isdisjoint(text.split()) for text in _texts(to_fill)):
            return Reason.NAME_PARTICLE
        case "years-of-experience" if is_about_one_thing(to_fill.field):
            return Reason.OTHER_QUESTION
        case "gpa" if is_on_another_scale(to_fill):
            return Reason.UNIT_UNKNOWN
        case "tel-area-code" if _has_room_for_a_number(to_fill):
            return Reason.OTHER_QUESTION
    if _is_follow_up(to_fill):
        return Reason.FOLLOW_UP
    return Reason.BAD_DATE if _ends_before_it_starts(to_fill) else None


def _has_room_for_a_number(to_fill: FieldToFill) -> bool:
    """Whether a box says that it takes a whole phone number, and has no other part of one beside it."""
    is_alone = not any(id_.startswith("tel-") for id_ in to_fill.beside if id_ != to_fill.canonical)
    return is_alone and (to_fill.field.maxlength or 0) >= LEAST_DIGITS


LEAST_DIGITS = 8
"""Of a whole phone number; no area code is as long."""


def _texts(to_fill: FieldToFill) -> tuple[str, str]:
    return normalise(to_fill.field.label), normalise(to_fill.field.placeholder)


def _is_follow_up(to_fill: FieldToFill) -> bool:
    """Whether a text box asks for more about an answer ("If yes, …", "Other (please specify)"), rather than for the answer."""
    is_typed = not to_fill.field.options and not is_tick(to_fill.field)
    return is_typed and to_fill.row.answer in {Answer.CHOICE, Answer.YES_NO} and any(map(_FOLLOWS.search, _texts(to_fill)))


_FOLLOWS = re.compile(
    r"^(?:please )?(?:if|wenn|falls|si|se|indien|als|jesli|если|eger|jika)\b(?! applicable)|^(?:other|others|sonstiges?|andere[rs]?"
    r"|autre|otro|otra|outro"
    r"|outra|altro|anders|inne|inny|inna|другое|другой|diger|lainnya|その他|其他|기타)\b|^(?:please )?(?:specify|explain|describe)"
    r"|^(?:bitte (?:angeben|erlautern)|precisez|preciser|especifi\w+|specificare|toelichting|namelijk|prosze podac|уточните|belirtiniz)"
)

_PERIODS = {
    **dict.fromkeys(("job-start-date", "job-end-date", "job-start-month", "job-start-year", "job-end-month", "job-end-year"), "job"),
    **dict.fromkeys(("education-start-date", "education-end-date", "education-start-month", "education-start-year"), "education"),
    **dict.fromkeys(("education-end-month", "graduation-year"), "education"),
}


def _ends_before_it_starts(to_fill: FieldToFill) -> bool:
    """Whether the profile's period of a job or an education ends before it starts; then neither date is believed."""
    period = _PERIODS.get(to_fill.canonical)
    if period is None:
        return False
    texts = [to_fill.profile.get(f"{period}-{bound}-date", "") for bound in ("start", "end")]
    start, end = (date_of(text) for text in texts)
    if start is None or end is None:
        return False
    return texts[1] < texts[0][: len(texts[1])]


_HOUSE_NUMBER_TEXTS = (
    *("House number", "House no.", "House #", "House number or name", "House no. / name", "House name or number", "Number", "No."),
    *("Street number", "Street no.", "Building number", "Building no."),
    *("Hausnummer", "Haus-Nr.", "Hausnr.", "Haus Nummer", "Nr.", "Nummer"),
    *("Huisnummer", "Huisnr.", "Huis nr.", "Huisnummer en toevoeging", "Husnummer", "Husnr.", "Gatunummer", "Talonumero"),
    *("Número", "Núm.", "Número exterior", "Núm. ext.", "No. ext.", "N° exterior", "Altura", "Número da casa", "Número de casa"),
    *("Número da porta", "Nº", "N°", "N.", "Numero civico", "N. civico", "N° civico", "N° civ.", "Civico", "Numéro", "Numéro de rue"),
    *("Numéro de voie", "N° de voie", "N° de la voie", "N° de rue", "Nr domu", "Numer domu", "Nr budynku", "Numer budynku"),
    *("Číslo domu", "Číslo popisné", "Házszám", "Număr", "№ дома", "Номер дома", "дом", "№", "Номер будинку", "будинок", "Αριθμός"),
    *("Kapı no", "Dış kapı no", "Bina no", "Bina / Kapı no", "מספר בית", "رقم المنزل", "رقم المبنى", "मकान नंबर", "Nomor rumah", "Số nhà"),
    *("番地", "丁目・番地", "門牌號", "门牌号", "번지", "건물번호"),
)
_HOUSE_NUMBERS = frozenset(map(normalise, _HOUSE_NUMBER_TEXTS))
"""Boxes for the house number alone: versions made before `house-number` take them for the second address line."""
_NAME_PARTICLES = frozenset("tussenvoegsel tussenvoegsels tussenv tussenvgsl voorvoegsel voorvoegsels namenszusatz vorsatzwort".split())
"""Words of boxes for what precedes a family name (`van der`), which no profile has: they are taken for a middle name."""
