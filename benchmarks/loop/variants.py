"""Authored forms as they look on a later visit: other numbers in names, another order, more or fewer fields, other labels."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fieldwise_common.wire import FieldDescriptor
from fieldwise_training.corpus import Form

ADDED = 3
"""Fields of other forms that are added to a form, or its own that are removed."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One field of a rendered form: the number of the field that it is, unlike any other's, and how a client describes it."""

    number: int
    truth: str
    field: FieldDescriptor


Page = Sequence[Rendered]
Variant = Callable[[Page, random.Random], tuple[Page, Page]]
"""From the page as authored to two renderings of it: the first visit, and a later one."""


class Variants:
    """The ways in which a page changes. `others` are fields of other forms; `synonyms`: by canonical id, other labels for it."""

    def __init__(self, others: Page, synonyms: Mapping[str, Sequence[str]]) -> None:
        self._others = others
        self._synonyms = synonyms

    def by_name(self) -> Mapping[str, Variant]:
        """Each way, and all of them at once."""
        return {
            "the same page": lambda page, _: (page, page),
            "other numbers in names and ids": self._numbers,
            "another order": lambda page, rng: (page, rng.sample(page, len(page))),
            "fields added": self._added,
            "fields removed": self._removed,
            "labels reworded": self._labels,
            "all of it": self._everything,
        }

    def _numbers(self, page: Page, rng: random.Random) -> tuple[Page, Page]:
        """Names and ids get what frameworks add: a counter, a hash, a UUID, or React's id instead of one's own."""
        style = rng.randrange(4)
        return self._numbered(page, style, rng), self._numbered(page, style, rng)

    def _numbered(self, page: Page, style: int, rng: random.Random) -> Page:
        def changed(position: int, one: Rendered) -> Rendered:
            number = rng.randrange(10_000, 99_999)
            hexed = f"{rng.randrange(16**7, 16**8):08x}"
            suffix = (f"_{number}", f"-{hexed[:6]}9", f"-{hexed}-{hexed[:4]}-4{hexed[1:4]}-a{hexed[2:5]}-{hexed}{hexed[:4]}", "")[style]
            name, id_ = one.field.name, one.field.id
            update = {"name": name + suffix if name else "", "id": f":r{number % 97:x}{position:x}:" if style == 3 else id_ + suffix}
            return Rendered(one.number, one.truth, one.field.model_copy(update=update))

        return [changed(position, one) for position, one in enumerate(page)]

    def _added(self, page: Page, rng: random.Random) -> tuple[Page, Page]:
        later = list(page)
        for other in rng.sample(self._others, ADDED):
            later.insert(rng.randrange(len(later) + 1), other)
        return page, later

    def _removed(self, page: Page, rng: random.Random) -> tuple[Page, Page]:
        stay = max(1, len(page) - ADDED)
        return page, [page[i] for i in sorted(rng.sample(range(len(page)), stay))]

    def _labels(self, page: Page, rng: random.Random) -> tuple[Page, Page]:
        """Half of the labels get another wording; the others a mark of a required or optional field."""

        def changed(one: Rendered) -> Rendered:
            label, known = one.field.label, self._synonyms.get(one.truth, ())
            if not label:
                return one
            reworded = rng.choice(known) if known and rng.random() < 0.5 else label + rng.choice((" *", " (optional)", ":"))
            return Rendered(one.number, one.truth, one.field.model_copy(update={"label": reworded}))

        return page, [changed(one) for one in page]

    def _everything(self, page: Page, rng: random.Random) -> tuple[Page, Page]:
        first, later = self._numbers(page, rng)
        for change in (self._labels, self._removed, self._added):
            _, later = change(later, rng)
        return first, rng.sample(later, len(later))


def pages_of(forms: Sequence[Form]) -> list[Page]:
    """The forms as authored; each field gets a unique number."""
    pages: list[Page] = []
    number = 0
    for form in forms:
        described = zip(form.fields, form.request().fields, strict=True)
        pages.append([Rendered(number + i, one.truth, field) for i, (one, field) in enumerate(described)])
        number += len(form.fields)
    return pages
