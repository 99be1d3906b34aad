"""The authored forms with the truth of every field: JSON Lines, one form per line (docs/corpus.md).

Each site, with all its forms, belongs to one part by the hash of its name: held out (the test set: evaluation only), calibration
(temperature and thresholds of the ranker), or train.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fieldwise_common.canonical import NOTHING, wire_id
from fieldwise_common.errors import DataError
from fieldwise_common.wire import MAX_FIELDS, FieldDescriptor, MlClassifyRequest, as_option

HELD_OUT_OF = 5
"""One site in this many is held out."""

CALIBRATION_OF = 8
"""Of the other sites, one in this many is for calibration."""


Whose = Literal["self", "partner", "family", "emergency", "reference", "recipient", "companion", "contact", "thing", "earlier"]
"""Whose data a field asks for: the user's own; a spouse or partner's; another relative's (child, parent, guardian); an emergency
contact's; a referee's; the recipient's of a gift or delivery; a fellow traveller's, guest's, attendee's or co-applicant's; another
person's whom the user deals with (landlord, supervisor, agent, doctor, an employer's contact); a thing's or organisation's own (event,
group, pet, company as such); the user's own, but of an earlier time (former address, former name)."""


class AuthoredOption(BaseModel):
    """One option of a field, in any shape that the API accepts; what the API would drop is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    value: str = ""
    text: str = ""


class FieldExample(BaseModel):
    """One field as a client describes it, without a selector, and its `truth`: a canonical id or `none`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = ""
    placeholder: str = ""
    name: str = ""
    id: str = ""
    type: str = ""
    autocomplete: str = ""
    pattern: str = ""
    maxlength: int | None = None
    required: bool = False
    options: list[Annotated[AuthoredOption, BeforeValidator(as_option)]] = []
    section: str = ""
    group: str = ""
    form: str = ""
    described_by: str = ""
    nearby: str = ""
    title: str = ""
    aria_label: str = ""
    visible: bool = True
    multiple: bool = False
    inputmode: str = ""
    lang: str = ""
    entry: int | None = None
    truth: str = Field(min_length=1)
    whose: Whose | None = None
    """Whose data the field asks for. None: the user's own if `truth` is an id; not said if it is `none`."""
    nth: int | None = None
    """In a repeated block (job, school, project): its number, from 1."""

    def described(self, position: int) -> FieldDescriptor:
        """The field as a client would send it, with a selector made from its position."""
        return FieldDescriptor.model_validate({"selector": f"#field-{position}", **self.model_dump(exclude={"truth", "whose", "nth"})})


class Form(BaseModel):
    """One form of one site, its fields in page order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    site: str = Field(min_length=1)
    lang: str = Field(min_length=2)
    kind: str = ""
    fields: tuple[FieldExample, ...] = Field(min_length=1, max_length=MAX_FIELDS)

    @property
    def is_held_out(self) -> bool:
        """Whether the form is in the test set: no version is ever trained on it."""
        return int(hashlib.sha256(self.site.encode()).hexdigest(), 16) % HELD_OUT_OF == 0

    @property
    def is_for_calibration(self) -> bool:
        """Of the forms that are not held out: whether it calibrates the ranker instead of training it."""
        return int(hashlib.sha256(self.site.encode()).hexdigest(), 16) // HELD_OUT_OF % CALIBRATION_OF == 0

    @property
    def truths(self) -> tuple[str, ...]:
        """Of each field, the id or `none`."""
        return tuple(wire_id(field.truth) for field in self.fields)

    def request(self) -> MlClassifyRequest:
        """The form as the backend would send it, for a user without corrections on a page without an origin."""
        return MlClassifyRequest(fields=tuple(field.described(position) for position, field in enumerate(self.fields)))


def load_forms(path: Path, known: frozenset[str]) -> tuple[Form, ...]:
    """The forms of one file, or of every `*.jsonl` below a folder. Every truth must be in `known`, or `none`.

    Forms come in the order of their files' paths. Training depends on it, so a renamed file can give a slightly different ranker.

    Raises DataError naming file and line, and the field where one is wrong.
    """
    root = path if path.is_dir() else path.parent
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    return tuple(form for file in files for form in _forms(file, file.relative_to(root).as_posix(), known | {NOTHING}))


def load_guard(data: Path, known: frozenset[str]) -> tuple[Form, ...]:
    """The guard forms, `guard/*.jsonl` below the folder of data: no version is trained or evaluated on them. () without the folder.

    Raises DataError, as `load_forms`.
    """
    folder = data / "guard"
    return load_forms(folder, known) if folder.is_dir() else ()


def _forms(file: Path, name: str, known: frozenset[str]) -> Iterator[Form]:
    try:
        lines = file.read_text("utf-8").split("\n")
    except FileNotFoundError:
        raise DataError(f"{file}: no such file") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not UTF-8 (byte {error.start})") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _form(line, f"{name}, line {number}", known)


def _form(line: str, where: str, known: frozenset[str]) -> Form:
    try:
        form = Form.model_validate(json.loads(line))
        form.request()
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON: {error.msg}") from error
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise DataError(f"{where}, {'.'.join(map(str, fault['loc'])) or 'form'}: {fault['msg']}") from None
    for position, field in enumerate(form.fields):
        if field.truth not in known:
            raise DataError(f"{where}, fields.{position}: unknown truth {field.truth!r}")
    return form


def dump_forms(forms: tuple[Form, ...]) -> str:
    """The forms as JSON Lines, for `load_forms`."""
    return "".join(form.model_dump_json(exclude_defaults=True) + "\n" for form in forms)
