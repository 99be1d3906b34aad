"""How many fields are recognised on a later visit, and how many are taken for another, by our signatures and by two references."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.loop.variants import Page, Variants, pages_of

from fieldwise_common.canonical import is_negative
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.known import recognise
from fieldwise_inference.classify.signature import Signature, signatures
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.corpus import Form

SEED = 20261129
SITE = "https://shop.example"

Keys = Callable[[Page], Sequence[object]]
"""What each field of a page is recognised by."""


def _signatures(page: Page) -> list[Signature]:
    return signatures([FieldView(one.field) for one in page], SITE)


KEYS: Mapping[str, Keys] = {
    "signature": _signatures,
    "name and type": lambda page: [f"{one.field.name or one.field.id}&{one.field.kind}" for one in page],
    "label": lambda page: [FieldView(one.field).text.casefold() for one in page],
}
"""Ours; what Chromium's field signature covers; the unit of learning before signatures."""


def _recognised(keys: Sequence[object], known: Mapping[str, int]) -> list[int | None]:
    """The number of the known field that each field of a page is taken for."""
    signed = [key for key in keys if isinstance(key, Signature)]
    return recognise(signed, known) if signed else [known.get(str(key)) for key in keys]


@dataclass(slots=True)
class Tally:
    """`kept`: corrections that were found again, `of`: that should have been; `confused` of `fields` were taken for another one."""

    kept: int = 0
    of: int = 0
    confused: int = 0
    fields: int = 0

    def count(self, known: Page, later: Page, found: Sequence[int | None]) -> None:
        """Counts one page. A field taken for another with the same meaning gets the right answer, and is no confusion."""
        meaning = {one.number: one.truth for one in known}
        present = {one.number for one in later}
        pairs = list(zip(later, found, strict=True))
        self.of += sum(number in present for number in meaning)
        self.kept += sum(one.number == number for one, number in pairs)
        self.confused += sum(number is not None and one.number != number and meaning[number] != one.truth for one, number in pairs)
        self.fields += len(later)


def measure(forms: Sequence[Form], synonyms: Sequence[Entry]) -> dict[str, dict[str, Tally]]:
    """By kind of change and by recogniser. Each field of each form is corrected once, alone, and looked for on the later page."""
    texts: dict[str, list[str]] = defaultdict(list)
    for entry in synonyms:
        if not is_negative(entry.canonical):
            texts[entry.canonical].append(entry.text)
    pages = pages_of(forms)
    variants = Variants([one for page in pages for one in page], texts)
    found: dict[str, dict[str, Tally]] = {}
    for change, render in variants.by_name().items():
        rng = random.Random(SEED)  # noqa: S311 a simulation
        tallies = found[change] = {name: Tally() for name in KEYS}
        for page in pages:
            first, later = render(page, rng)
            for name, keys in KEYS.items():
                earlier, now = list(map(str, keys(first))), keys(later)
                for numbers in (*((i,) for i in range(len(first))), range(len(first))):  # each correction alone, and all of them
                    known = {earlier[i]: first[i].number for i in reversed(numbers)}
                    tallies[name].count([first[i] for i in numbers], later, _recognised(now, known))
    found["another form of the site"] = _other_forms(forms, pages)
    return found


def _other_forms(forms: Sequence[Form], pages: Sequence[Page]) -> dict[str, Tally]:
    """What is known of one form, looked for in the other forms of the same site: nothing is to be kept, little to be confused."""
    by_site: dict[str, list[Page]] = defaultdict(list)
    for form, page in zip(forms, pages, strict=True):
        by_site[form.site].append(page)
    tallies = {name: Tally() for name in KEYS}
    for own in by_site.values():
        for before, later in ((a, b) for a in own for b in own if a is not b):
            for name, keys in KEYS.items():
                known = {str(key): one.number for key, one in zip(keys(before), before, strict=True)}
                tallies[name].count(before, later, _recognised(keys(later), known))
    return tallies
