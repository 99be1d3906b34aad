"""Parses the `autocomplete` attribute as the HTML standard specifies (https://html.spec.whatwg.org/#autofill-detail-tokens).

The attribute may be wrong: pages copy it with the field next door, or set it to keep browsers from filling. It decides alone
where nothing else that is known of the field contradicts it; elsewhere the ranker decides.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fieldwise_common.canonical import Answer, about, alike, is_negative, is_secret
from fieldwise_common.decision_log import FIRST_OPTIONS
from fieldwise_inference.classify.apart import are_apart
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ruling import Ruling

TOKEN_ALIASES = {"country-name": "country"}
"""Tokens that share a canonical id with another token."""

CONTACT_KINDS = frozenset({"home", "work", "mobile", "fax", "pager"})
ADDRESS_KINDS = frozenset({"shipping", "billing"})

LOG_IN = frozenset({"email", "tel", "tel-national", "username"})
"""Ids of which a log-in's field may be any, whatever its label says ("Email", marked `username`) or names together ("Email or phone")."""

SAME_BLOCK = 4
"""Two fields at most this many apart are taken for one block, unless the page keeps them apart."""
MOST = 0.6
"""The share of a choice's options that must look like something else to contradict the attribute."""

_DIAL_CODE = re.compile(r"(?<!\d)\+ ?\d{1,4}(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SMALL_NUMBER = re.compile(r"\d{1,2}")
_REGION_CODE = re.compile(r"[A-Z]{2}(?:-?[A-Z0-9]{1,3})?")


@lru_cache(maxsize=1024)
def token(attribute: str) -> str | None:
    """The field token of an `autocomplete` attribute; None if it has none (`off`, `on`, unknown words).

    Also None for `fax` and `pager`: those numbers are not the user's telephone.
    """
    words = attribute.lower().split()
    if words and words[-1] == "webauthn":
        words.pop()
    if not words:
        return None
    *details, found = words
    found = TOKEN_ALIASES.get(found, found)
    if not about(found).token:
        return None
    if details and details[0].startswith("section-"):
        details.pop(0)
    if details and details[0] in ADDRESS_KINDS:
        details.pop(0)
    is_known_kind = not details or (len(details) == 1 and details[0] in CONTACT_KINDS - {"fax", "pager"})
    return found if is_known_kind else None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A valid attribute: the id that it names, and what contradicts it, for the signals; "" if nothing does."""

    canonical: str
    contradiction: str

    @property
    def signals(self) -> tuple[str, ...]:
        """The evidence, for the decision."""
        contradicted = (f"contradicted-by:{self.contradiction}",) if self.contradiction else ()
        return (f"autocomplete:{self.canonical}", *contradicted)


def by_autocomplete(views: Sequence[FieldView], lexicon: Lexicon) -> list[Ruling | None]:
    """Accepts each valid `autocomplete` attribute of a form that nothing contradicts; None for every other field."""
    return [
        None if found is None or found.contradiction else Ruling("accepted", "autocomplete", found.canonical, 1.0, 1.0, found.signals)
        for found in attributes(views, lexicon)
    ]


def attributes(views: Sequence[FieldView], lexicon: Lexicon) -> list[Attribute | None]:
    """The valid attribute of each field of a form, in page order; None for a field without one."""
    tokens = [token(view.field.autocomplete) if view.field.autocomplete else None for view in views]
    if not any(tokens):
        return [None] * len(views)
    said = [_said(view, lexicon) for view in views]
    return [
        None if found is None else Attribute(found, _contradiction(row, found, views, tokens, said)) for row, found in enumerate(tokens)
    ]


def _said(view: FieldView, lexicon: Lexicon) -> dict[str, str]:
    """What the lexicon has for each text of a field, by its source, the most reliable first."""
    texts = {"label": (view.label,), "placeholder": (view.placeholder,), "name": view.name_keys, "id": view.id_keys}
    found = ((source, lexicon.first(keys)) for source, keys in texts.items())
    return {source: canonical for source, canonical in found if canonical is not None}


def _contradiction(
    row: int, canonical: str, views: Sequence[FieldView], tokens: Sequence[str | None], said: Sequence[dict[str, str]]
) -> str:
    """What contradicts the attribute of a field; "" if nothing does.

    Of the field's texts the most reliable one that the lexicon knows counts; names that developers give are often another field's. But
    any of them that says the field asks for nothing of the user's is heard.
    """
    if _contradicts(views[row], canonical):
        return "type"
    if _options_contradict(views[row], canonical):
        return "options"
    own = said[row]
    if is_secret(canonical):  # the worst that can come of it is a field left empty
        own = {source: other for source, other in own.items() if source in {"label", "placeholder"} or not is_negative(other)}
    source = next(iter(own), None)
    if source is not None and not _agree(canonical, own[source], source):
        return f"{source}={own[source]}"
    refused = next((source for source, other in own.items() if is_negative(other)), None)
    if refused is not None:
        return f"{refused}={own[refused]}"
    if source is not None or is_secret(canonical) or about(canonical).repeats:
        return ""
    block = range(max(0, row - SAME_BLOCK), min(len(views), row + SAME_BLOCK + 1))
    copied = [i for i in block if tokens[i] == canonical and abs(i - row) == 1]
    of_another = [i for i in block if said[i].get("label") == canonical and tokens[i] != canonical]
    return "neighbour" if any(not are_apart(views[row], views[i]) for i in (*copied, *of_another)) else ""


def _agree(canonical: str, other: str, source: str) -> bool:
    """Whether a text that means `other` is no contradiction to the attribute `canonical`.

    A label may name the whole of which the attribute names the part; but in a box whose label names a part, the whole is wrong. Names are
    less exact.
    """
    is_alike = other in alike(canonical) or (canonical in LOG_IN and other in LOG_IN)
    both_secret = is_secret(canonical) and about(canonical).answer is about(other).answer  # a card's first name
    return (
        is_alike
        or both_secret
        or (is_secret(canonical) and is_secret(other))
        or _is_part(canonical, other)
        or (source in {"name", "id"} and _is_part(other, canonical))
    )


def _is_part(part: str, whole: str) -> bool:
    """Whether one id is a part of the other, or a part of its part."""
    parent = about(part).part_of
    return parent is not None and (parent == whole or _is_part(parent, whole))


def _options_contradict(view: FieldView, canonical: str) -> bool:
    """Whether the options are those of another question: dial codes for a country, states for a town, years for a month.

    The log has only the first options, and the decision must be made again with those.
    """
    options = [option for option in view.field.options[:FIRST_OPTIONS] if option.text or option.value]
    row = about(canonical)

    def most(looks: Callable[[str], object], of_values: bool = False) -> bool:
        texts = [option.value if of_values else option.text or option.value for option in options]
        return sum(bool(looks(text.strip())) for text in texts) >= MOST * len(texts)

    if len(options) < 3:
        return False
    if row.answer is Answer.COUNTRY:
        return most(_DIAL_CODE.search)
    if row.answer is Answer.DIAL_CODE:
        return not any(char.isdigit() for option in options for char in option.text + option.value)
    if canonical in {"address-level2", "address-level3", "address-level4"}:
        return most(_REGION_CODE.fullmatch, of_values=True)
    if row.date_part == "year":
        return not most(lambda text: any(char.isdigit() for char in text))
    if row.date_part is not None:
        return most(_YEAR.fullmatch)
    return row.answer is Answer.DATE and (most(_YEAR.fullmatch) or most(_SMALL_NUMBER.fullmatch))


def _contradicts(view: FieldView, canonical: str) -> bool:
    """Whether the field's type contradicts the attribute: pages put `new-password` on text boxes to stop browsers filling them."""
    row = about(canonical)
    is_unmasked_password = row.answer is Answer.PASSWORD and view.kind not in {"password", ""}
    is_masked_other = view.kind == "password" and not row.masked and canonical != "username"  # some banks mask it
    is_choice = view.kind in {"checkbox", "radio"}
    return is_unmasked_password or is_masked_other or is_choice
