"""The matches of a request as one form: the value for each, and what else its part of the form asks for."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from fieldwise_common.canonical import Answer, about, entry_key, ids_of_lists
from fieldwise_common.countries import UNIT_IN_HOUSE_NUMBER, country_code
from fieldwise_common.wire import FieldSlice, Match
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill.choices.words import truth_of
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.handlers.era import year_in_era
from fieldwise_inference.fill.handlers.tel import dial_code_option
from fieldwise_inference.fill.options import answers_among
from fieldwise_inference.fill.questions.fields import is_tick
from fieldwise_inference.fill.result import NotFilled, Reason

PRESENT = "Present"
"""What is typed as the end of a job that has not ended."""
FAMILY_FIRST = {
    "hu": ("HU", ("family-name", "given-name", "additional-name")),
    "vi": ("VN", ("family-name", "additional-name", "given-name")),
}
"""By language of a form that has the family name first, in Latin letters: the country whose users' names are in that order, and the
order of their parts. Names in Chinese, Japanese or Korean characters already are."""
OF_THE_SECOND_LINE = ("unit", "floor", "building")
"""Ids of the boxes that some forms have for what others ask for in the second address line."""

LONGEST_LINE = 512
"""Characters of an address line that is taken apart."""

Part = tuple[str, int | None]
"""A part of a form: a section and the number of a repeated block."""


class Form:
    """The matches in the order of the request, and the flat profile to fill them from."""

    def __init__(self, matches: Sequence[Match], profile: Mapping[str, str]) -> None:
        self.matches = matches
        self._profile = profile
        self._entries: dict[int, Mapping[str, str]] = {}

    def to_fill(self, position: int) -> FieldToFill | NotFilled:
        """One match with its value and its context, or the reason why there is no value."""
        match = self.matches[position]
        if self._is_follow_up(position):
            return NotFilled(Reason.FOLLOW_UP)
        values = self._values(match.entry)
        beside = self._beside(match, values)
        value = _clean(_value(match.canonical, values, beside))
        if match.canonical == "name":
            value = _in_local_order(match.field, values) or value
        if match.canonical == "bday-year" and "bday-era" in beside:
            value = year_in_era(values.get("bday", ""), self._fields_beside(match, "bday-era"))
        if not value or (value == PRESENT and not match.field.options and not _is_english(match.field)):
            return NotFilled(self._why_empty(match))
        if match.canonical == "address-line2" and _is_split(value, values, beside):
            return NotFilled(Reason.IN_ANOTHER_FIELD)
        return FieldToFill(match.canonical, value, match.field, values, beside)

    def _beside(self, match: Match, values: Mapping[str, str]) -> Mapping[str, int]:
        """How many matches in its part of the form have each id; without a list of dial codes that lacks the user's."""
        beside = self._asked_for[_part(match)]
        code = "tel-country-code"
        if match.canonical == code or code not in beside or all(_offers_dial_code(f, values) for f in self._fields_beside(match, code)):
            return beside
        return {canonical: count for canonical, count in beside.items() if canonical != code}

    def _fields_beside(self, match: Match, canonical: str) -> list[FieldSlice]:
        """The fields with an id in the match's part of the form."""
        return [other.field for other in self.matches if other.canonical == canonical and _part(other) == _part(match)]

    @cached_property
    def _asked_for(self) -> Mapping[Part, Mapping[str, int]]:
        """By part of the form: how many of its matches have each id."""
        parts: dict[Part, Counter[str]] = {}
        for match in self.matches:
            parts.setdefault(_part(match), Counter())[match.canonical] += 1
        return parts

    @cached_property
    def _first_choice(self) -> Mapping[tuple[str, int | None], int]:
        """By id and entry: the position of the first field that offers its answers."""
        choices: dict[tuple[str, int | None], int] = {}
        for position, match in enumerate(self.matches):
            if match.field.options or is_tick(match.field):
                choices.setdefault((match.canonical, match.entry), position)
        return choices

    def _is_follow_up(self, position: int) -> bool:
        """Whether a match is a text box with the id of a choice before it: its text belongs to one of the answers, if to any."""
        match = self.matches[position]
        is_typed = not match.field.options and not is_tick(match.field)
        choice = self._first_choice.get((match.canonical, match.entry), position)
        return is_typed and choice < position and about(match.canonical).answer in {Answer.CHOICE, Answer.YES_NO}

    def _values(self, entry: int | None) -> Mapping[str, str]:
        """The profile as a block sees it: the second job has the values of the second job, and none of the first's."""
        if entry is None:
            return self._profile
        if entry not in self._entries:
            keys = {canonical: entry_key(canonical, entry) for canonical in ids_of_lists()}
            own = {canonical: self._profile[key] for canonical, key in keys.items() if key in self._profile}
            self._entries[entry] = {**self._profile, **own} if entry == 1 else own
        return self._entries[entry]

    def _why_empty(self, match: Match) -> Reason:
        return Reason.NO_VALUE if self._values(match.entry) or match.entry is None else Reason.NO_SUCH_ENTRY


def _in_local_order(field: FieldSlice, values: Mapping[str, str]) -> str:
    """The full name with the family name first, if form and user are of `FAMILY_FIRST` and the user has both names; else "".

    A name that has more than its parts (a doctor's title, a suffix) stays as the profile has it.
    """
    country, order = FAMILY_FIRST.get(re.split("[-_]", field.lang)[0].lower(), ("", ()))
    has_both = bool(values.get("family-name") and values.get("given-name"))
    if not has_both or country_code(values.get("country", "")) != country:
        return ""
    ordered = " ".join(part for name in order if (part := values.get(name, "")))
    return ordered if sorted(ordered.split()) == sorted(values.get("name", "").split()) else ""


def _offers_dial_code(field: FieldSlice, values: Mapping[str, str]) -> bool:
    """Whether a field for the dial code can take the user's."""
    options, home = answers_among(field.options), country_code(values.get("country", ""))
    return not options or dial_code_option(values.get("tel-country-code", ""), options, home) is not None


def _is_english(field: FieldSlice) -> bool:
    """Whether a field takes an English word: by its language, or if that is unknown by its own words."""
    if field.lang:
        return field.lang.lower().startswith("en")
    return not _ENGLISH.isdisjoint(normalise(f"{field.label} {field.placeholder}").split())


_ENGLISH = frozenset("end ended ending until till through to finish finished left leaving".split())
"""Of fields for the end of a job."""


def _part(match: Match) -> Part:
    return (match.field.section, match.entry)


def _clean(value: str) -> str:
    return value.replace("\x00", "").strip()


def _value(canonical: str, values: Mapping[str, str], beside: Mapping[str, int]) -> str:
    """The value of an id where the ids `beside` are asked for too: what has a field of its own is not repeated."""
    value = values.get(canonical, "")
    if canonical in {"street-address", "address-line1"} and value:
        if "house-number" in beside and values.get("house-number") and values.get("street-name"):
            return values["street-name"]
        has_more_lines = "address-line2" in beside or _is_split(values.get("address-line2", ""), values, beside)
        return values.get("address-line1", value) if has_more_lines else value
    if canonical == "address-line2" and not value and "house-number" in beside:
        return _rest_of_line1(values)
    if canonical == "job-end-date" and not value and "current-job" not in beside and truth_of("current-job", values):
        return PRESENT
    if canonical == "family-name" and "second-family-name" in beside:
        return _without_end(value, values.get("second-family-name", ""), " ")
    if canonical == "house-number" and "unit" in beside and country_code(values.get("country", "")) in UNIT_IN_HOUSE_NUMBER:
        return _without_end(value, values.get("unit", ""), " -/")
    return value


def _without_end(value: str, end: str, marks: str) -> str:
    """`García` of `García López`, `48` of `48-2` or `48B`: the value without the end that has its own field, unless it is all of it."""
    if not end or not value.casefold().endswith(end.casefold()):
        return value
    before = value[: -len(end)]
    start = before.rstrip(marks)
    is_apart = start != before or (start[-1:].isdigit() and end[0].isalpha())
    return start if start and is_apart else value


def _rest_of_line1(values: Mapping[str, str]) -> str:
    """`Apto 45` of `Rua das Flores, 123, Apto 45`: what a form that asks for the street's name and number apart has no other box for."""
    line, name, number = (values.get(id_, "") for id_ in ("address-line1", "street-name", "house-number"))
    if len(line) > LONGEST_LINE:
        return ""
    street = re.search(rf"{re.escape(name)}(?!\w).*?(?<!\w){re.escape(number)}(?!\w)|(?<!\w){re.escape(number)}\W+{re.escape(name)}", line)
    if not (name and number and street):
        return ""
    rest = [text for text in (line[: street.start()].strip(" ,;-–"), line[street.end() :].strip(" ,;-–")) if _has_inner_part(text, values)]
    return rest[0] if len(rest) == 1 else ""


def _has_inner_part(text: str, values: Mapping[str, str]) -> bool:
    inner = (_words(values.get(id_, "")) for id_ in OF_THE_SECOND_LINE)
    return any(parts and parts <= _words(text) for parts in inner)


def _is_split(line2: str, values: Mapping[str, str], beside: Mapping[str, int]) -> bool:
    """Whether the form has boxes for all parts that the second line is known to have ("Apt 5B"). If one has none, the line says it."""
    parts = [id_ for id_ in OF_THE_SECOND_LINE if _words(values.get(id_, "")) and _words(values[id_]) <= _words(line2)]
    return bool(parts) and all(id_ in beside for id_ in parts)


def _words(text: str) -> frozenset[str]:
    """The words of a text and the numbers in them: `4e` and `4` of `4e`."""
    return frozenset(re.findall(r"\w+", text.casefold()) + re.findall(r"\d+", text))
