"""Yes-or-no questions that a profile's answer does not fit: asked the other way round, or about something near to it."""

import re
from collections.abc import Iterable, Mapping

from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill.knowledge.equivalents import YES_NO_IDS

Pattern = re.Pattern[str]

_NOT = (
    "not cannot dont doesnt wont cant isnt no non never neither without unable unwilling ineligible"
    " nicht nie niemals kein keine keinen keiner ohne weder ne pas sans aucun aucune jamais sin ningun ninguna nunca tampoco"
    " nao sem nenhum nenhuma senza nessun nessuna niet geen zonder nooit ikke inte ej uden uten utan ei ilman"
    " bez nem nincs nelkul nu fara не нет без никогда ні немає δεν όχι χωρίς degil yok olmadan tidak tanpa bukan"
    " לא ללא אין لا ليس لست بدون नहीं बिना"
).split()
_NOT_INSIDE = "n t(?= )|ない|ません|不要|不需|无需|無需|没有|沒有|不是|않|없|아니|안 "
_HARMLESS = (
    r"\b(?:yes|si|sim|ja|oui|tak|да|evet|ya|var)(?: (?:or|o|ou|oder|of|lub|или|veya|atau))? (?:no|nao|nein|nee|non|nie|нет|yok|tidak)\b"
    r"|\b(?:if|or|oder|ou|o|of) (?:not|nicht|non|no|nao|niet)\b"
    r"|\b(?:without|ohne|sans|sin|sem|senza|zonder|bez)(?: any)? (?:restri|einschrank|beschrank|beperking|ograniczen)\w*"
    r"|\b(?:trabalh\w+|morar|residir|viver) no\b|\bno (?:brasil|pais|futuro|momento)\b"
)
"""Negations that turn nothing round: "yes or no", "if not", "without restriction", and the Portuguese "no" for "in the"."""

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
_AGE = 18
_OFFICE = (
    r"\b(?:office|offices|onsite|on site|in person|hq|headquarters|studio|workshop|commute|buro|vor ort|bureau|oficina|ufficio|kantoor)\b"
)
_REMOTE = r"\b(?:remot|home|hybrid|telework|telecommut|wfh|homeoffice|zuhause|teletravail|distan|teletrabajo|remoto|thuis)|リモート|在宅"
_LOST = r"\b(?:suspend|revok|disqualif|entzogen|retire|suspendid|revocad|sospes|ingetrokken)"


def _compiled(*patterns: str) -> tuple[Pattern, ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_NEGATED = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, map(normalise, _NOT)))})(?!\w)|{_NOT_INSIDE}")
_DROPPED = re.compile(_HARMLESS)
_TURNED: Mapping[str, tuple[tuple[Pattern, ...], ...]] = {
    "work-authorization": (_compiled(_NEED, _PERMISSION), _compiled(r"\bwithout\b", _HELP)),
    "age-confirmation": (_compiled(_OTHER_AGE),),
    "drivers-license": (_compiled(_LOST),),
}
"""By question: what turns it, each a group of things that are all said."""
_TURNED_UNLESS: Mapping[str, tuple[Pattern, Pattern]] = {
    "visa-sponsorship": (re.compile(_RIGHT), re.compile(rf"{_NEED}|{_HELP}")),
    "remote-preference": (re.compile(_OFFICE), re.compile(_REMOTE)),
}
"""By question: what turns it, and what beside it says that it is the question after all."""


def _turns(canonical: str, text: str) -> bool:
    negation = _NEGATED.search(_DROPPED.sub(" ", text))
    if negation is not None and negation.group() != text:
        return True
    if any(all(said.search(text) for said in group) for group in _TURNED.get(canonical, ())):
        return True
    if canonical in _TURNED_UNLESS:
        turning, settling = _TURNED_UNLESS[canonical]
        return bool(turning.search(text)) and not settling.search(text)
    return canonical == "age-confirmation" and any(int(number) != _AGE for number in re.findall(r"\d+", text))


def asks_otherwise(canonical: str, texts: Iterable[str]) -> bool:
    """Whether a field's texts ask something else than the yes-or-no question it is taken for.

    The opposite ("I do not need a visa"), or the same of another age than 18. When in doubt it does: an empty field costs
    little, a wrong statement about the law costs its user. A bare "No" is an answer, never a question turned round.
    """
    return canonical in YES_NO_IDS and any(_turns(canonical, normalise(text)) for text in texts)
