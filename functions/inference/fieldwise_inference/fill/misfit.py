"""Fields that ask for something other than the profile's value (the opposite question, a house number): not filled.

When in doubt, a yes-or-no question counts as inverted: an empty field costs little, a wrong statement about the law costs its user.
"""

import re
from collections.abc import Mapping

from fieldwise_common.canonical import ADULT_AGE, Answer, about
from fieldwise_common.wire import FieldSlice
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill.result import Reason

Pattern = re.Pattern[str]


def misfit(canonical: str, field: FieldSlice) -> Reason | None:
    """Why the field's label or placeholder asks for something else than the profile's value for `canonical`; None if it does not."""
    if about(canonical).answer is Answer.YES_NO and any(_is_inverted(canonical, text) for text in _texts(field)):
        return Reason.INVERTED_QUESTION
    if canonical == "address-line2" and not _HOUSE_NUMBERS.isdisjoint(_texts(field)):
        return Reason.HOUSE_NUMBER
    if canonical == "additional-name" and any(not _NAME_PARTICLES.isdisjoint(text.split()) for text in _texts(field)):
        return Reason.NAME_PARTICLE
    return None


def _texts(field: FieldSlice) -> tuple[str, str]:
    return normalise(field.label), normalise(field.placeholder)


def _is_inverted(canonical: str, text: str) -> bool:
    """Whether `text` asks the opposite ("I do not need a visa"), or a different question, such as one about another age."""
    negation = _NEGATED.search(_HARMLESS.sub(" ", text))
    if negation is not None and negation.group() != text:  # a bare "No" is an answer, not a question
        return True
    if any(all(pattern.search(text) for pattern in group) for group in _INVERTING.get(canonical, ())):
        return True
    if canonical in _INVERTING_UNLESS:
        inverting, usual = _INVERTING_UNLESS[canonical]
        return bool(inverting.search(text)) and not usual.search(text)
    return canonical == "age-confirmation" and any(int(number) != ADULT_AGE for number in re.findall(r"\d+", text))


_NOT = (
    "not cannot dont doesnt wont cant isnt no non never neither without unable unwilling ineligible"
    " nicht nie niemals kein keine keinen keiner ohne weder ne pas sans aucun aucune jamais sin ningun ninguna nunca tampoco"
    " nao sem nenhum nenhuma senza nessun nessuna niet geen zonder nooit ikke inte ej uden uten utan ei ilman"
    " bez nem nincs nelkul nu fara не нет без никогда ні немає δεν όχι χωρίς degil yok olmadan tidak tanpa bukan"
    " לא ללא אין لا ليس لست بدون नहीं बिना"
).split()
_NOT_INSIDE = "n t(?= )|ない|ません|不要|不需|无需|無需|没有|沒有|不是|않|없|아니|안 "
_HARMLESS = re.compile(
    r"\b(?:yes|si|sim|ja|oui|tak|да|evet|ya|var)(?: (?:or|o|ou|oder|of|lub|или|veya|atau))? (?:no|nao|nein|nee|non|nie|нет|yok|tidak)\b"
    r"|\b(?:if|or|oder|ou|o|of) (?:not|nicht|non|no|nao|niet)\b"
    r"|\b(?:without|ohne|sans|sin|sem|senza|zonder|bez)(?: any)? (?:restri|einschrank|beschrank|beperking|ograniczen)\w*"
    r"|\b(?:trabalh\w+|morar|residir|viver) no\b|\bno (?:brasil|pais|futuro|momento)\b"
)
"""Negations that do not invert a question: "yes or no", "if not", "without restriction", and the Portuguese "no" for "in the"."""

_NEED = (
    r"\b(?:need|requir(?!ement)|benotig|brauch|erforderlich|besoin|necessit|requier|requer|necesit|precis[ao]|bisogno|richied|nodig"
    r"|potrzeb|wymag|нужн|нужда|требу|gerek|ihtiya)|必要|需要|필요"
)
_PERMISSION = (
    r"\b(?:visa|visum|visto|work permi|permi|autori[sz]|authori[sz]|sponsor|petition|immigration|parrain|patrocin|\w*erlaubnis"
    r"|\w*genehmigung|\w*vergunning|wiz|pozwoleni|виз|разрешени|vize|izni)|ビザ|許可|スポンサー|签证|簽證|许可|担保|비자|허가"
)
_HELP = r"\b(?:\w*visa|\w*visum|visto|sponsor|parrain|patrocin)"
_RIGHT = (
    r"\b(?:right to|rights|authori[sz]ed|eligible|entitled|permitted|allowed|legally|lawfully)\b.*\b(?:work|employ)"
    r"|\b(?:darf|durfen|berechtigt|autorise|autorizad|autorizzat|gerechtigd)"
)
_OTHER_AGE = (
    r"\b(?:under|below|younger|less than|minors?|unter|junger|minderjahrig|moins|mineur|menos|menor|meno|minorenne|onder|jonger|minderjarig"
    r"|mlodsz|ponizej|младше|моложе)|未満|未满|未滿|以下|미만|미성년"
    r"|\bdrink|\b(?:twenty|thirteen|fourteen|fifteen|sixteen|seventeen|nineteen)\b"
)
_OFFICE = (
    r"\b(?:office|offices|onsite|on site|in person|hq|headquarters|studio|workshop|commute|buro|vor ort|bureau|oficina|ufficio|kantoor)\b"
)
_REMOTE = r"\b(?:remot|home|hybrid|telework|telecommut|wfh|homeoffice|zuhause|teletravail|distan|teletrabajo|remoto|thuis)|リモート|在宅"
_LOST = r"\b(?:suspend|revok|disqualif|entzogen|retire|suspendid|revocad|sospes|ingetrokken)"


def _compiled(*patterns: str) -> tuple[Pattern, ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_NEGATED = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, map(normalise, _NOT)))})(?!\w)|{_NOT_INSIDE}")
_INVERTING: Mapping[str, tuple[tuple[Pattern, ...], ...]] = {
    "work-authorization": (_compiled(_NEED, _PERMISSION), _compiled(r"\bwithout\b", _HELP)),
    "age-confirmation": (_compiled(_OTHER_AGE),),
    "drivers-license": (_compiled(_LOST),),
}
"""By question: what inverts it or changes its subject. All patterns of a group must match."""
_INVERTING_UNLESS: Mapping[str, tuple[Pattern, Pattern]] = {
    "visa-sponsorship": (re.compile(_RIGHT), re.compile(rf"{_NEED}|{_HELP}")),
    "remote-preference": (re.compile(_OFFICE), re.compile(_REMOTE)),
}
"""By question: what inverts it or changes its subject, and what shows that it is the usual question after all."""

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
"""Boxes for the house number alone, which no profile has: they are taken for the second address line."""
_NAME_PARTICLES = frozenset("tussenvoegsel tussenvoegsels tussenv tussenvgsl voorvoegsel voorvoegsels namenszusatz vorsatzwort".split())
"""Words of boxes for what precedes a family name (`van der`), which no profile has: they are taken for a middle name."""
