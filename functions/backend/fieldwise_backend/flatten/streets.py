"""Splits the lines of a street address into street name, house number, building, floor and unit, and writes a line from them.

By the habit of the country, which tells whether the number comes first (`48 Harbor View Road`) or last (`Hauptstraße 12a`), and by
words for flats, floors and buildings. An address that can be read in two ways has no parts: a missing part costs little, a wrong one
sends a parcel to the neighbours. Why no library: docs/decisions/0018-addresses-split.md.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from fieldwise_backend.flatten import street_words as known
from fieldwise_common.countries import UNIT_IN_HOUSE_NUMBER


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


@lru_cache(maxsize=1)  # each part of a profile's street is asked for in turn
def split_street(lines: tuple[str, ...], country: str) -> Street:
    """The parts of a street's lines, which may contain line breaks. `country`: ISO 3166-1 alpha-2; without it, nothing is sure."""
    text = [line for line in ("\n".join(lines)).splitlines() if line.strip()]
    if sum(map(len, text)) > known.MAX_LENGTH:
        return Street()
    if country in known.EAST_ASIAN:
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
    if country in known.NUMBER_FIRST:
        return f"{number} {name}"
    return f"{name}{',' if country in known.COMMA_BEFORE_NUMBER else ''} {number}"


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
    named = [segment for segment in rest if len(rest) > 1 and known.NAMED_BUILDING.fullmatch(segment) and not _is_street(segment, country)]
    if len(named) == 1:
        found["building"].add(named[0])
        rest.remove(named[0])
    return Street(**{part: next(iter(values)) if len(values) == 1 else "" for part, values in found.items()}), rest


def _last_part(segment: str, country: str) -> tuple[str, dict[str, str]] | None:
    """The part that ends the segment (a unit, a floor, a building) or begins it (a unit), after what is left; None without one."""
    whole = _unit(country).fullmatch(segment)
    if whole is not None:  # before "#12" in "Unit #12" there is no street
        return "", {"unit": str(whole.group(1))}
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
    words = rf"(?:{known.UNIT_WORDS}{known.UNIT_WORDS_OF.get(country, '')}){known.OF}"
    mark = r"|#\s?" if country in known.HASH_IS_UNIT else ""
    return re.compile(rf"(?:{words}{mark}){known.VALUE}", re.IGNORECASE)


@cache
def _floor(country: str) -> re.Pattern[str]:
    words = known.FLOOR_WORDS + known.FLOOR_WORDS_OF.get(country, "")
    number = r"(\d{1,3}|[ivx]{1,4}\b)"
    before = rf"(?:{words})(?:\.|\b)\s?:?\s*(?:n[oº°]\.?)?\s*{number}"
    after = rf"(\d{{1,3}}|[ivx]{{1,4}}){known.ORDINAL}\s?(?:{words}|og|obergeschoss)\b\.?"
    return re.compile(f"{before}|{after}", re.IGNORECASE)


@cache
def _endings(country: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """The patterns of the inner parts at the end of a segment: their first group is what comes before, the others are the named parts."""
    patterns: list[tuple[re.Pattern[str], tuple[str, ...]]] = [
        (_unit(country), ("unit",)),
        (_floor(country), ("floor", "floor")),
        (known.FLOOR_AND_DOOR, ("floor", "unit")),
        (known.BUILDING, ("building",)),
    ]
    if country == "DK":
        patterns.append((known.DANISH_DOOR, ("floor", "unit")))
    return tuple((re.compile(rf"(?:(.*?\S)\s+)?(?:{pattern.pattern})", re.IGNORECASE), names) for pattern, names in patterns)


def _is_street(segment: str, country: str) -> bool:
    return bool(_parse(segment, country).number)


def _street_of(segments: list[str], country: str, parts: Street) -> Street:
    """Name and number, from the one segment that has both, or from two neighbours of which one is the number."""
    segments = [segment for segment in segments if not known.NO_STREET.search(segment)]
    numbers = [i for i, segment in enumerate(segments) if known.ONLY_NUMBER.fullmatch(segment)]
    streets = [(i, parsed) for i, segment in enumerate(segments) if i not in numbers and (parsed := _parse(segment, country)).number]
    is_last = country in known.NUMBER_LAST
    if len(numbers) == 1 and country in known.NUMBER_FIRST | known.NUMBER_LAST:
        place = numbers[0]
        beside = place - 1 if is_last else place + 1
        is_beside = 0 <= beside < len(segments)
        if is_beside and (not streets or (streets == [(beside, streets[0][1])] and country in known.COMMA_BEFORE_NUMBER)):
            number = known.ONLY_NUMBER.fullmatch(segments[place])
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
    if country in known.NUMBER_FIRST:
        parsed = _number_first(segment, country)
    elif country in known.NUMBER_LAST:
        parsed = _number_last(segment, country)
    else:
        return Street()
    return replace(parsed, name=_street_name(parsed.name, country), number=_tidy(parsed.number)) if _is_name(parsed.name) else Street()


def _number_first(segment: str, country: str) -> Street:
    with_unit_first = known.UNIT_FIRST.fullmatch(segment) if country in known.UNIT_BEFORE_SLASH else None
    if with_unit_first is not None:
        return Street(with_unit_first.group(3), with_unit_first.group(2), unit=with_unit_first.group(1))
    with_letter = known.FRENCH_LETTER.fullmatch(segment) if country in {"FR", "LU", "MC"} else None
    pattern = known.FIRST_WITH_SLASH if country in {"IN", "TH", "PK", "LK", "VN", "MY"} else known.FIRST
    found = with_letter or pattern.fullmatch(segment)
    is_two_numbers = found is not None and country == "CA" and re.search("[-–]", found.group(1)) is not None
    return Street(found.group(2), found.group(1)) if found is not None and not is_two_numbers else Street()


def _number_last(segment: str, country: str) -> Street:
    special = {"FI": known.FINNISH, "NL": known.DUTCH}.get(country)
    with_addition = special.fullmatch(segment) if special is not None else None
    if with_addition is not None:
        unit = with_addition.group(3) or with_addition.group(4)
        whole = segment[with_addition.start(2) :] if country in UNIT_IN_HOUSE_NUMBER else with_addition.group(2)
        return Street(with_addition.group(1), whole, unit=unit)
    found = known.LAST_WORD.fullmatch(segment) or known.LAST.fullmatch(segment)
    if found is None or known.ENDS_IN_NUMBER.search(found.group(1)):
        return Street()
    name, number = found.group(1), found.group(2)
    if country == "RU" and re.search("[-–]", number):  # a range, or house and flat
        return Street()
    pieces = re.split(r"\s?/\s?", number)
    if country in known.UNIT_AFTER_SLASH and len(pieces) > 1:
        return Street(name, pieces[0], unit=pieces[-1])
    return Street(name, number)


def _is_name(text: str) -> bool:
    """Whether a text can be the name of a street: it has two letters, does not end in a number, and is more than a word for a street."""
    words = text.strip(" ,").casefold().split()
    letters = sum(char.isalpha() for char in text)
    return letters >= 2 and bool(words) and not (len(words) == 1 and words[0] in known.STREET_WORDS) and not known.NO_STREET.search(text)


def _street_name(text: str, country: str) -> str:
    name = text.strip(" ,")
    return known.MAHALLE.sub("", name) if country == "TR" else name


def _tidy(number: str) -> str:
    return re.sub(r"\s?([-–/])\s?", r"\1", number.strip(" ,"))


def _with_unit(street: Street, country: str) -> Street:
    return replace(street, number=with_unit(street.number, street.unit, country))


def _east_asian(lines: Sequence[str], country: str) -> Street:
    """From the largest to the smallest part, with a sign after each number."""
    whole = " ".join(lines).replace(",", " ").replace("、", " ")
    whole = " ".join(whole.translate(str.maketrans("０１２３４５６７８９　－", "0123456789 -")).split())
    if country == "JP":
        return _japanese(whole)
    if country == "KR":
        inner = re.search(r"(?:(\S*동)\s)?(?:(\d{1,3})층)?\s?(?:(\d{1,5})호)?$", whole)
        road = known.KOREAN.match(whole)
        floor, unit = (inner.group(2) or "", inner.group(3) or "") if inner else ("", "")
        return Street(road.group(1), road.group(2), floor=floor, unit=unit) if road else Street(floor=floor, unit=unit)
    found = known.CHINESE.fullmatch(whole.replace(" ", ""))
    if found is None:
        return Street()
    name, number, building, floor, unit = (group or "" for group in found.groups())
    return Street(name, number, building, floor, unit)


def _japanese(whole: str) -> Street:
    found = known.JAPANESE_NUMBER.fullmatch(whole)
    if found is None:
        return Street()
    town, number, building = found.group(1), found.group(2), found.group(3) or ""
    if building and not town:  # what follows the number may be the town
        return Street()
    room = known.JAPANESE_ROOM.fullmatch(building)
    building = room.group(1) if room else building
    floor = known.JAPANESE_FLOOR.fullmatch(building)
    building = floor.group(1) if floor else building
    return Street("", number, building.strip(), floor.group(2) if floor else "", room.group(2) if room else "")
