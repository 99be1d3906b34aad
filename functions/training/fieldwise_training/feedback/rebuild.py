"""Judged fields as the form that was classified."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fieldwise_common.wire import MAX_FIELDS, FieldDescriptor, MlClassifyRequest, Page
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.signature import signatures
from fieldwise_training.feedback.judged import JudgedField

ORIGINS = ("https://site.example", "")
"""The log has only the hash of a page's origin. That it has one changes the signatures of its fields."""


@dataclass(frozen=True, slots=True)
class RebuiltForm:
    """A form as a client would send it: each of its fields, in order, with the row it comes from."""

    rows: tuple[JudgedField, ...]
    fields: tuple[FieldDescriptor, ...]

    def request(self) -> MlClassifyRequest:
        """The request, on a page with the kind of origin that gives its fields the signatures they were logged with."""
        views = [FieldView(field) for field in self.fields]

        def recognised(origin: str) -> int:
            return sum(str(made) == row.signature for made, row in zip(signatures(views, origin), self.rows, strict=True))

        return MlClassifyRequest(fields=self.fields, page=Page(origin=max(ORIGINS, key=recognised)), site=self.rows[0].site)


def rebuilt(rows: Sequence[JudgedField]) -> RebuiltForm:
    """The form that the rows describe. Fields that can't be parsed are left out."""
    described = [(row, field) for row in rows if (field := _field(row)) is not None]
    return RebuiltForm(tuple(row for row, _ in described), tuple(field for _, field in described))


def by_form(judged: Iterable[JudgedField]) -> Iterator[list[JudgedField]]:
    """The rows of each form, in the order of its fields, at most as many as a request may have; forms by their request."""
    rows = sorted(judged, key=lambda row: (row.request_id, row.position))
    for _, group in groupby(rows, key=lambda row: row.request_id):
        yield list(group)[:MAX_FIELDS]


def _field(row: JudgedField) -> FieldDescriptor | None:
    try:
        return FieldDescriptor.model_validate({**json.loads(row.field), "selector": f"#field-{row.position}"})
    except (TypeError, ValueError):  # not a JSON object; or, as pydantic's error is a ValueError, not a field
        return None
