"""Countries and states in text boxes: names where there is room, codes where there isn't."""

from fieldwise_inference.fill.blank import Blank
from fieldwise_inference.fill.fitting import fit_texts
from fieldwise_inference.fill.handlers.text import clean
from fieldwise_inference.fill.knowledge.countries import alpha_3, country_code, country_name
from fieldwise_inference.fill.knowledge.subdivisions import subdivision_code, subdivision_name
from fieldwise_inference.fill.outcome import Outcome

LONGEST_CODE = 3


def country(blank: Blank) -> Outcome:
    """The country by name; a box of two or three characters gets the code of that length."""
    value = clean(blank.value, keeps_lines=False)
    code = country_code(value)
    if code is None:
        return fit_texts([value], blank.field)
    is_code = len(value) <= LONGEST_CODE
    names = [country_name(code), value] if is_code else [value, country_name(code)]
    codes = [alpha_3(code), code] if blank.field.maxlength == LONGEST_CODE else [code, alpha_3(code)]
    is_code_box = blank.field.maxlength is not None and blank.field.maxlength <= LONGEST_CODE
    return fit_texts([*codes, *names] if is_code_box else [*names, *codes], blank.field)


def subdivision(blank: Blank) -> Outcome:
    """The state as the profile has it, else its code or its name, as fits; codes only where the country is known."""
    value = clean(blank.value, keeps_lines=False)
    country_of = country_code(blank.country) if blank.country else None
    code = subdivision_code(country_of, value) if country_of else None
    if country_of is None or code is None:
        return fit_texts([value], blank.field)
    return fit_texts([value, code, subdivision_name(country_of, code)], blank.field)
