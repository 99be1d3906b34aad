"""Questions about an age ("over 21", "under 16", "volljährig"), answered from the profile's age."""

import re
from collections.abc import Mapping

from fieldwise_common.canonical import ADULT_AGE
from fieldwise_inference.fill.choices.words import truth_of

_NUMBERS = {"thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty one": 21}
_NUMBER = re.compile(r"(?<!\d)\d{2}(?!\d)")
_BELOW = re.compile(
    r"\b(?:under|below|younger|less than|minors?|unter|junger|minderjahrig\w*|moins|mineure?|menos|menor|meno|minorenne|onder|jonger"
    r"|minderjarig\w*|mlodsz\w*|ponizej|niepelnoletni\w*|младше|моложе|меньше|несовершеннолет\w*|молодш\w*|yngre|alle|alaikainen"
    r"|mlads\w*|mladsi\w*"
    r"|mene nez|menej ako|manje|mladi\w*|fiatalabb|alatt|kiskoru|sub|minora?|kucu[kg]\w*|altinda|di bawah|kurang dari|duoi|κατω|מתחת"
    r"|פחות|أقل|دون)\b"
    r"|未満|未满|未滿|以下|미만|미성년|未成年|ต่ำกว่า"
)
_AT_LEAST = re.compile(
    r"\b(?:over|above|least|older|more than|adult|of age|legal age|uber|ab|mindestens|alter|vollendet|volljahrig"
    r"|plus de|au moins|ou plus|revolus?|majeure?|mas de|al menos|o mas|mayor|cumplid\w*|mais de|pelo menos|ou mais|maior|complet\w*"
    r"|piu di|almeno|o piu"
    r"|maggior\w*|compiut\w*|ouder|minstens|vanaf|meerderjarig\w*|boven|powyzej|starsz\w*|ukoncz\w*|co najmniej|pelnoletni\w*|старше"
    r"|исполнилось|исполнится"
    r"|не менее|достиг\w*|больше|совершеннолет\w*|повнолітн\w*|понад|fyllt|fylt|aldre|mindst|minst|eldre|myndig|yli|vahintaan|tayttanyt"
    r"|vice nez|viac ako|starsi\w*|nejmene|alespon|plnolet\w*|idosebb|betolt\w*|elmult\w*|peste|cel putin|implinit|buyu[kg]\w*|uzeri"
    r"|ustu|doldur\w*|resit"
    r"|ke atas|lebih dari|minimal|sudah|du|tren|ανω|מעל|فوق|أكثر|उम्र)\b|以上|満\d|年满|年滿|已满|已滿|成年|이상|성인|ขึ้นไป"
)
_AT_LEAST_BY_LESS = re.compile(r"\b(?:au moins|al menos|pelo menos|no menos|nao menos|non meno|не менее)\b")
"""What says "at least" with the word for "less"."""
_STATED = re.compile(
    r"\b(?:\d\d|eighteen|sixteen|twenty one) (?:years|year|yrs|jahre?|ans|anos|anni|jaar|lat|лет|ar)\b|\d\d ?(?:歳|岁|歲"
    r"|周岁|周歲|세)|^\w+ am \d\d$"
)
"""An age by itself: to be 18 is to be at least 18."""
_OR_EQUAL = re.compile(
    r"\b(?:least|or (?:over|older|above|more|under|younger)|and (?:over|older|above)|mindestens|oder alter|au moins|ou plus|al menos"
    r"|o mas"
    r"|pelo menos|ou mais|almeno|o piu|minstens|of ouder|co najmniej|lub wiecej|не менее|years old|jahre alt|ans)\b|以上|以下|이상|\d\d\+"
)
_STRICT = re.compile(
    r"\b(?:over|above|older than|more than|uber|alter als|plus de|mas de|mais de|piu di|ouder dan|starsz\w* niz"
    r"|старше)\b"
)
_DRINKING = re.compile(r"\bdrink")


def is_of_age(text: str, profile: Mapping[str, str]) -> bool | None:
    """Whether the user is as old as a normalised text says; None if the text or the age is not clear."""
    if _DRINKING.search(text):
        return None
    named = {int(found) for found in _NUMBER.findall(text)} | {
        number for word, number in _NUMBERS.items() if re.search(rf"\b{word}\b", text)
    }
    if len(named) > 1:
        return None
    is_below, is_at_least = bool(_BELOW.search(_AT_LEAST_BY_LESS.sub(" ", text))), bool(_AT_LEAST.search(text))
    is_stated = is_at_least or not named or bool(_STATED.search(text))
    if (is_below and is_at_least) or not (is_below or is_stated):
        return None
    limit = next(iter(named), ADULT_AGE)
    reached = _reaches(limit, text, profile, is_below)
    return None if reached is None else reached != is_below


def _reaches(limit: int, text: str, profile: Mapping[str, str], is_below: bool) -> bool | None:
    """Whether the user has completed `limit` years. Someone of exactly that age may not be "over" it, nor outside of "18 or under"."""
    age = profile.get("age", "")
    if age.isdecimal() and len(age) <= 3:
        is_unclear = int(age) == limit and bool(_OR_EQUAL.search(text) if is_below else _STRICT.search(text) and not _OR_EQUAL.search(text))
        return None if is_unclear else int(age) >= limit
    is_adult = truth_of("age-confirmation", profile)
    if is_adult is None or limit == ADULT_AGE:
        return is_adult
    return is_adult if is_adult == (limit < ADULT_AGE) else None
