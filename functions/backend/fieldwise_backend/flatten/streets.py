"""Splits the lines of a street address into street name, house number, building, floor and unit, and writes a line from them.

By the habit of the country, which tells whether the number comes first (`48 Harbor View Road`) or last (`Hauptstraße 12a`), and by
words for flats, floors and buildings. An address that can be read in two ways has no parts: a missing part costs little, a wrong one
sends a parcel to the neighbours. Why no library: docs/decisions/0018-addresses-split.md.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from fieldwise_common.countries import UNIT_IN_HOUSE_NUMBER

NUMBER_FIRST = frozenset("US CA GB IE AU NZ ZA FR LU MC SG MY PH IN PK LK NG KE GH EG MA TN DZ TH VN".split())
"""Countries by ISO 3166-1 alpha-2 code; in those of neither set, only the words of the other parts are read."""
NUMBER_LAST = frozenset(
    "DE AT CH LI NL BE DK SE NO FI IS EE LV LT PL CZ SK HU SI HR RS BA ME MK BG RO GR CY RU UA BY KZ TR"
    " IT SM ES AD PT BR AR CL UY PY PE BO EC VE CO MX CR PA GT DO ID IL".split()
)
MAX_LENGTH = 250
"""Characters; no street is longer, and the time to read one grows with its length."""
COMMA_BEFORE_NUMBER = frozenset({"BR", "RU", "UA", "BY", "KZ"})
UNIT_AFTER_SLASH = frozenset({"AT", "PL", "TR"})
UNIT_BEFORE_SLASH = frozenset({"AU", "NZ"})
HASH_IS_UNIT = frozenset({"US", "CA", "SG"})
EAST_ASIAN = frozenset({"JP", "KR", "CN", "TW"})


@dataclass(frozen=True, slots=True)
class Street:
    """The parts of a street address; "" for a part that it does not have, or that is not sure."""

    name: str = ""
    number: str = ""
    """With its letter: `12a`. In the Netherlands and Poland with the flat too: `48-2`."""
    building: str = ""
    floor: str = ""
    unit: str = ""
    """The flat, suite or door, without the word for it."""


_NUMBER = r"\d{1,6}(?:\s?[-–]\s?\d{1,6})?(?:\s1/2|\s?½)?(?:\s?(?:bis|ter|quater)\b)?[a-z]?"
_NAME = r"((?:\d{1,3}(?:st|nd|rd|th)\b|\D).*)"
_FIRST = re.compile(rf"(?:no\.?\s?)?({_NUMBER}),?\s+{_NAME}", re.IGNORECASE)
_FIRST_WITH_SLASH = re.compile(rf"({_NUMBER}(?:/\d{{1,4}}[a-z]?)?),?\s+{_NAME}", re.IGNORECASE)
_UNIT_FIRST = re.compile(rf"(\d{{1,5}}[a-z]?)\s?/\s?({_NUMBER})\s+(\D.*)", re.IGNORECASE)
_FRENCH_LETTER = re.compile(
    r"(\d{1,4}\s[a-d])\s+((?:rue|avenue|av|boulevard|bd|place|chemin|impasse|allée|quai|route|cours)\b.*)", re.IGNORECASE
)
_NUMBER_WORD = r"(?:n[oº°.]|nro|nr|núm|num|numero|número|numéro|№|no|д|дом|буд|будинок|#|č\.?\s?p)"
_LAST_NUMBER = r"\d{1,5}[a-z]?(?:\s?[-–/]\s?\d{1,5}[a-z]?){0,2}(?:\s?/?\s?[a-zа-яα-ω])?"
_LAST = re.compile(rf"(.*?\D)[\s,]\s*({_LAST_NUMBER})\.?", re.IGNORECASE)
_LAST_WORD = re.compile(rf"(.*?\w\.?)[\s,]\s*{_NUMBER_WORD}\s?[.:]*\s*({_LAST_NUMBER})\.?", re.IGNORECASE)
_ONLY_NUMBER = re.compile(rf"(?:{_NUMBER_WORD}\s?[.:]*\s*)?({_LAST_NUMBER}|{_NUMBER})\.?", re.IGNORECASE)
_FINNISH = re.compile(r"(.*?\D)\s(\d{1,4})\s([a-z]\s?\d{1,4})()", re.IGNORECASE)
_DUTCH = re.compile(r"(.*?\D)\s(\d{1,5})(?:[\s-]{0,3}(hs|bis|i{1,3}|iv|[a-z]\d{0,3})|\s?-\s?(\d{1,4}))", re.IGNORECASE)

_VALUE = r"(\d{1,5}[a-zа-я]{0,2}(?:[-/][0-9a-z]{1,4})?|[a-zа-я]{1,2}(?:[- ]?\d{1,5})?)"
_OF = r"(?:\.|\b)\s?:?\s*(?:n[oº°]\.?|nr\.?|№|#|number)?\s*"
_UNIT_WORDS = (
    "apartment|apt|suite|ste|unit|flat|room|rm|wohnung|whg|tür|top|mieszkanie|lokal|lok|квартира|кв|офис|оф|помещение|пом|daire|iç kapı"
    "|interno|interior|int|apto|apartamento|departamento|depto|dpto|puerta|pta|porte|appartement|appt|app|bus|bte|boîte|boite|lgh|byt"
    "|sala|casa|דירה|unité|bureau"
)
_UNIT_WORDS_OF = {"PL": "|m", "TR": "|d"}
_FLOOR_WORDS = (
    "floor|fl|level|stockwerk|stock|etage|étage|piso|planta|andar|piano|kat|этаж|эт|piętro|verdieping|lantai|kerros|όροφος|poschodí|patro"
)
_ORDINAL = r"(?:st|nd|rd|th|er|ère|ème|eme|e|º|°|ª|do|to|o|a|\.º|\.)?"
_FLOOR_WORDS_OF = {"TR": "|k"}
_FLOOR_AND_DOOR = re.compile(r"(\d{1,2})\s?\.?[º°]\s?[-,]?\s?([a-z]{1,4}|\d{1,2})\.?ª?", re.IGNORECASE)
_DANISH_DOOR = re.compile(r"(\d{1,2}|st|kl)\.?\s(tv|th|mf)\.?", re.IGNORECASE)
_BUILDING_WORDS = (
    "building|bldg|block|blk|tower|wing|bâtiment|batiment|bât|résidence|residence|immeuble|edificio|edifício|edif|bloque|torre|bloco"
    "|корпус|корп|строение|стр|palazzina|gebäude|gebouw|budynek|blok"
)
_BUILDING = re.compile(rf"(?:{_BUILDING_WORDS}){_OF}(\d{{1,4}}[a-zа-я]?|[a-zа-я]\d{{0,3}})", re.IGNORECASE)
_NAMED_BUILDING = re.compile(
    rf"(?:{_BUILDING_WORDS})(?:\.|\b)\s+\D{{3,}}|\D{{3,}}\s(?:house|building|tower|towers|mansions|apartments|residences|lodge)",
    re.IGNORECASE,
)
_NO_STREET = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|postfach|postbus|boîte postale|apartado|casilla|caixa postal|box|locked bag|c/o|rr|lieu-dit"
    r"|km|lote|lot|sector|manzana|mz|quadra|qd|sq[ns]|cl[ns]|shi[ns]|strada (?:statale|provinciale|regionale))\b"
    r"|\b(?:no|nr|nº|n°|№|д)\s?[.:]*\s?\d.*\s",
    re.IGNORECASE,
)
_STREET_WORDS = frozenset(
    "calle c/ c av av. avda avenida avenue ave carrera cra diagonal rua r r. via viale strada str str. straße strasse weg platz"
    " street st road rd rue ulica ul ul. al al. os os. улица ул ул. проспект пр. вул вул. sokak sk cadde cd jalan jl jl."
    " straat gata gatan vej utca plaza praça piazza"
    " travessa camino paseo ctra carretera highway hwy route".split()
)
_MAHALLE = re.compile(r".*\b(?:mah|mahallesi)\b\.?,?\s+", re.IGNORECASE)


def split_street(lines: Sequence[str], country: str) -> Street:
    """The parts of a street's lines, which may contain line breaks. `country`: ISO 3166-1 alpha-2; without it, nothing is sure."""
    text = [line for line in ("\n".join(lines)).splitlines() if line.strip()]
    if sum(map(len, text)) > MAX_LENGTH:
        return Street()
    if country in EAST_ASIAN:
        return _east_asian(text, country)
    if not country:
        return Street()
    parts, rest = _without_inner_parts(list(_segments(text, country)), country)
    return _with_unit(_street_of(rest, country, parts), country)


def first_line(name: str, number: str, unit: str, country: str) -> str:
    """Street name and house number as the country writes them in one line; with the unit where it belongs to the number."""
    if country in UNIT_IN_HOUSE_NUMBER:
        number = with_unit(number, unit, country)
    if not name or not number:
        return name
    if country in NUMBER_FIRST:
        return f"{number} {name}"
    return f"{name}{',' if country in COMMA_BEFORE_NUMBER else ''} {number}"


def with_unit(number: str, unit: str, country: str) -> str:
    """The house number with its unit in countries that write it so: `48B`, `48-2`, `12/5`; else, or if it has it, the number."""
    if country not in UNIT_IN_HOUSE_NUMBER or not number or not unit or number.casefold().endswith(unit.casefold()):
        return number
    mark = "/" if country == "PL" else "-" if unit[0].isdigit() else ""
    return f"{number}{mark}{unit}"


def _segments(lines: Sequence[str], country: str) -> Iterator[str]:
    """The parts between commas, line ends and, in Brazil and Portugal, dashes."""
    separators = r"[,;]|\s[-–]\s" if country in {"BR", "PT"} else r"[,;]"
    for line in lines:
        yield from (segment.strip() for segment in re.split(separators, line) if segment.strip())


def _without_inner_parts(segments: list[str], country: str) -> tuple[Street, list[str]]:
    """Building, floor and unit, by the words for them, and what is left of the segments. A part that is there twice is not sure."""
    found: dict[str, set[str]] = {"building": set(), "floor": set(), "unit": set()}
    rest: list[str] = []
    for segment in segments:
        left = segment
        while left:
            taken = _last_part(left, country)
            if taken is None:
                break
            left, parts = taken
            for part, value in parts.items():
                found[part].add(value)
        if left:
            rest.append(left)
    named = [segment for segment in rest if len(rest) > 1 and _NAMED_BUILDING.fullmatch(segment) and not _is_street(segment, country)]
    if len(named) == 1:
        found["building"].add(named[0])
        rest.remove(named[0])
    return Street(**{part: next(iter(values)) if len(values) == 1 else "" for part, values in found.items()}), rest


def _last_part(segment: str, country: str) -> tuple[str, dict[str, str]] | None:
    """The part that ends the segment (a unit, a floor, a building) or begins it (a unit), after what is left; None without one."""
    for ending, names in _endings(country):
        found = ending.fullmatch(segment)
        if found is not None:
            before, *values = found.groups()
            if before and not _has_number(before):  # "Torre 5" in "Via della Torre 5" is no building
                continue
            parts = {name: value.upper() if len(value) == 1 else value for name, value in zip(names, values, strict=True) if value}
            return before or "", parts
    beginning = _unit(country).match(segment)
    if beginning is not None and segment[beginning.end() :].startswith(" "):
        return segment[beginning.end() :].strip(), {"unit": str(beginning.group(1))}
    return None


def _has_number(text: str) -> bool:
    return any(char.isdigit() for char in text) and any(char.isalpha() for char in text)


@cache
def _unit(country: str) -> re.Pattern[str]:
    words = rf"(?:{_UNIT_WORDS}{_UNIT_WORDS_OF.get(country, '')}){_OF}"
    mark = r"|#\s?" if country in HASH_IS_UNIT else ""
    return re.compile(rf"(?:{words}{mark}){_VALUE}", re.IGNORECASE)


@cache
def _floor(country: str) -> re.Pattern[str]:
    words = _FLOOR_WORDS + _FLOOR_WORDS_OF.get(country, "")
    number = r"(\d{1,3}|[ivx]{1,4}\b)"
    before = rf"(?:{words})(?:\.|\b)\s?:?\s*(?:n[oº°]\.?)?\s*{number}"
    after = rf"(\d{{1,3}}|[ivx]{{1,4}}){_ORDINAL}\s?(?:{words}|og|obergeschoss)\b\.?"
    return re.compile(f"{before}|{after}", re.IGNORECASE)


@cache
def _endings(country: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """The patterns of the inner parts at the end of a segment: their first group is what comes before, the others are the named parts."""
    patterns: list[tuple[re.Pattern[str], tuple[str, ...]]] = [
        (_unit(country), ("unit",)),
        (_floor(country), ("floor", "floor")),
        (_FLOOR_AND_DOOR, ("floor", "unit")),
        (_BUILDING, ("building",)),
    ]
    if country == "DK":
        patterns.append((_DANISH_DOOR, ("floor", "unit")))
    return tuple((re.compile(rf"(?:(.*?\S)\s+)?(?:{pattern.pattern})", re.IGNORECASE), names) for pattern, names in patterns)


def _is_street(segment: str, country: str) -> bool:
    return bool(_parse(segment, country).number)


def _street_of(segments: list[str], country: str, parts: Street) -> Street:
    """Name and number, from the one segment that has both, or from two neighbours of which one is the number."""
    segments = [segment for segment in segments if not _NO_STREET.search(segment)]
    numbers = [i for i, segment in enumerate(segments) if _ONLY_NUMBER.fullmatch(segment)]
    streets = [(i, parsed) for i, segment in enumerate(segments) if i not in numbers and (parsed := _parse(segment, country)).number]
    is_last = country in NUMBER_LAST
    if len(numbers) == 1 and country in NUMBER_FIRST | NUMBER_LAST:
        place = numbers[0]
        beside = place - 1 if is_last else place + 1
        is_beside = 0 <= beside < len(segments)
        if is_beside and (not streets or (streets == [(beside, streets[0][1])] and country in COMMA_BEFORE_NUMBER)):
            number = _ONLY_NUMBER.fullmatch(segments[place])
            name = segments[beside]
            if number is not None and _is_name(name) and (not is_last or place > 0):
                return replace(parts, name=_street_name(name, country), number=_tidy(number.group(1)))
        return parts
    if len(streets) != 1 or numbers:
        return parts
    street = streets[0][1]
    if street.unit and parts.unit and street.unit != parts.unit:
        return parts
    return replace(parts, name=street.name, number=street.number, unit=parts.unit or street.unit)


def _parse(segment: str, country: str) -> Street:
    """Name, number and, where it is written with the number, the unit; empty if the segment is no street with a number."""
    if country in NUMBER_FIRST:
        parsed = _number_first(segment, country)
    elif country in NUMBER_LAST:
        parsed = _number_last(segment, country)
    else:
        return Street()
    return replace(parsed, name=_street_name(parsed.name, country), number=_tidy(parsed.number)) if _is_name(parsed.name) else Street()


def _number_first(segment: str, country: str) -> Street:
    with_unit_first = _UNIT_FIRST.fullmatch(segment) if country in UNIT_BEFORE_SLASH else None
    if with_unit_first is not None:
        return Street(with_unit_first.group(3), with_unit_first.group(2), unit=with_unit_first.group(1))
    with_letter = _FRENCH_LETTER.fullmatch(segment) if country in {"FR", "LU", "MC"} else None
    pattern = _FIRST_WITH_SLASH if country in {"IN", "TH", "PK", "LK", "VN", "MY"} else _FIRST
    found = with_letter or pattern.fullmatch(segment)
    is_two_numbers = found is not None and country == "CA" and re.search("[-–]", found.group(1)) is not None
    return Street(found.group(2), found.group(1)) if found is not None and not is_two_numbers else Street()


def _number_last(segment: str, country: str) -> Street:
    special = {"FI": _FINNISH, "NL": _DUTCH}.get(country)
    with_addition = special.fullmatch(segment) if special is not None else None
    if with_addition is not None:
        unit = with_addition.group(3) or with_addition.group(4)
        whole = segment[with_addition.start(2) :] if country in UNIT_IN_HOUSE_NUMBER else with_addition.group(2)
        return Street(with_addition.group(1), whole, unit=unit)
    found = _LAST_WORD.fullmatch(segment) or _LAST.fullmatch(segment)
    if found is None:
        return Street()
    name, number = found.group(1), found.group(2)
    if country == "RU" and re.search("[-–]", number):  # a range, or house and flat
        return Street()
    pieces = re.split(r"\s?/\s?", number)
    if country in UNIT_AFTER_SLASH and len(pieces) > 1:
        return Street(name, pieces[0], unit=pieces[-1])
    return Street(name, number)


def _is_name(text: str) -> bool:
    """Whether a text can be the name of a street: it has two letters, does not end in a number, and is more than a word for a street."""
    words = text.strip(" ,").casefold().split()
    letters = sum(char.isalpha() for char in text)
    return letters >= 2 and bool(words) and not (len(words) == 1 and words[0] in _STREET_WORDS) and not _NO_STREET.search(text)


def _street_name(text: str, country: str) -> str:
    name = text.strip(" ,")
    return _MAHALLE.sub("", name) if country == "TR" else name


def _tidy(number: str) -> str:
    return re.sub(r"\s?([-–/])\s?", r"\1", number.strip(" ,"))


def _with_unit(street: Street, country: str) -> Street:
    return replace(street, number=with_unit(street.number, street.unit, country))


_JAPANESE_NUMBER = re.compile(r"(\D*?)(\d+(?:丁目\d+番(?:地)?(?:\d+号?)?|番(?:地)?(?:\d+号?)?|(?:[-‐−－ー]\d+){1,3}))(?:号)?(?:\s+(.*))?")
_JAPANESE_ROOM = re.compile(r"(.*?)\s*(\d{1,4}|[A-Z]-?\d{0,4})(?:号室|号)")
_JAPANESE_FLOOR = re.compile(r"(.*?)\s*(\d{1,3})(?:階|F)")
_KOREAN = re.compile(r"(?:.*?\s)??(\S+로(?:\s?\d+번?길)?|\S+길)\s(\d+(?:-\d+)?)")
_CHINESE = re.compile(
    r"(?:.*[省市区區县縣])?(.*(?:路|街|大道|巷|弄|道|段|胡同))(\d+(?:[-之]\d+)?)[号號]"
    r"(?:院?(\d+)[号號]?(?:楼|樓|栋|棟)(?=\S))?(?:(\d+)[楼樓层層])?(?:[-之]?(\d+)(?:室|号房)?)?"
)


def _east_asian(lines: Sequence[str], country: str) -> Street:
    """From the largest to the smallest part, with a sign after each number."""
    whole = " ".join(lines).replace(",", " ").replace("、", " ")
    whole = " ".join(whole.translate(str.maketrans("０１２３４５６７８９　－", "0123456789 -")).split())
    if country == "JP":
        return _japanese(whole)
    if country == "KR":
        inner = re.search(r"(?:(\S*동)\s)?(?:(\d{1,3})층)?\s?(?:(\d{1,5})호)?$", whole)
        road = _KOREAN.match(whole)
        floor, unit = (inner.group(2) or "", inner.group(3) or "") if inner else ("", "")
        return Street(road.group(1), road.group(2), floor=floor, unit=unit) if road else Street(floor=floor, unit=unit)
    found = _CHINESE.fullmatch(whole.replace(" ", ""))
    if found is None:
        return Street()
    name, number, building, floor, unit = (group or "" for group in found.groups())
    return Street(name, number, building, floor, unit)


def _japanese(whole: str) -> Street:
    found = _JAPANESE_NUMBER.fullmatch(whole)
    if found is None:
        return Street()
    town, number, building = found.group(1), found.group(2), found.group(3) or ""
    if building and not town:  # what follows the number may be the town
        return Street()
    room = _JAPANESE_ROOM.fullmatch(building)
    building = room.group(1) if room else building
    floor = _JAPANESE_FLOOR.fullmatch(building)
    building = floor.group(1) if floor else building
    return Street("", number, building.strip(), floor.group(2) if floor else "", room.group(2) if room else "")
