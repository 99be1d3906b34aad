"""`judged.parquet`: the forms with feedback, field by field, for trainings and evaluations."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fieldwise_training.feedback.parquet import read_records, write_records

MAX_FORMS = 20_000
"""Of a version; those with the newest feedback are kept."""
MAX_FORMS_PER_USER = 200
MAX_CHARACTERS_PER_USER = 4_000_000
"""Of the descriptions in one user's forms, so that a few users can't fill the memory of a training with the largest ones. The form that
reaches the limit is the last."""
MAX_FIELDS = 400_000
"""Of a version, in all forms; a form is never cut."""


@dataclass(frozen=True, slots=True)
class JudgedField:
    """One field of a form that got feedback. The fields without a verdict are there for context."""

    site: str
    """The keyed hash of the site's origin; "" if unknown."""
    request_id: str
    """What the fields of one form have in common."""
    position: int
    """The field's place in its form, from 0."""
    signature: str
    """What the field is recognised by; "" in rows of earlier releases."""
    user: str
    """The hash of the user; "" if unknown."""
    at: str
    """ISO time, in UTC: of the feedback, or of the decision if the field got none."""
    model_version: str
    """The version that decided."""
    field: str
    """The field's description as JSON, see `decision_log.field_cell`."""
    predicted: str
    """The id that was accepted, or ""."""
    verdict: str = ""
    """`correct`, `incorrect`, or "" for a field without feedback."""
    about: str = ""
    """The id that the feedback is about; `none` if the field was not matched."""
    corrected_to: str = ""
    """The right id, if the user named it."""


def read_judged(path: Path) -> list[JudgedField]:
    """The judged fields of a version, form by form. Raises CorruptVersion when the file is damaged."""
    return read_records(path, JudgedField)


def write_judged(judged: Iterable[JudgedField], path: Path) -> None:
    """Writes the fields by request and position: equal fields give the same bytes in whatever order they come."""
    write_records(sorted(judged, key=lambda row: (row.request_id, row.position)), JudgedField, path)
