"""Authored forms with the truth of every field: JSON Lines, one form a line; one site in five is held out for evaluation."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import DataError
from fieldwise_common.wire import MAX_FIELDS, ClassifyRequest, FieldDescriptor

HELD_OUT_OF = 5
"""One site in this many is held out, chosen by the hash of its name."""

CALIBRATION_OF = 8
"""One site in this many of the others calibrates."""


def _pairs_as_options(value: object) -> object:
    """An option may be written `[value, text]`, besides the ways the wire has."""
    if not isinstance(value, list):
        return value
    return [_as_pair(option) for option in value]


def _as_pair(option: object) -> object:
    if isinstance(option, list) and len(option) == 2:
        return {"value": option[0], "text": option[1]}
    return {"value": option, "text": option} if isinstance(option, str | int | float) else option


class AuthoredOption(BaseModel):
    """One choice of a field, as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    value: str = ""
    text: str = ""


class FieldExample(BaseModel):
    """One field as a client would describe it (but for its selector), and what it means: a canonical id or `none`."""

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
    options: Annotated[list[AuthoredOption], BeforeValidator(_pairs_as_options)] = []
    truth: str = Field(min_length=1)

    def described(self, position: int) -> FieldDescriptor:
        """The field as the wire has it, with a selector of its own."""
        return FieldDescriptor.model_validate({"selector": f"#field-{position}", **self.model_dump(exclude={"truth"})})


class Form(BaseModel):
    """One form of one site, its fields in page order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    site: str = Field(min_length=1)
    lang: str = Field(min_length=2)
    kind: str = ""
    fields: tuple[FieldExample, ...] = Field(min_length=1, max_length=MAX_FIELDS)

    @property
    def is_held_out(self) -> bool:
        """Whether the form belongs to the evaluation set: no version is ever made from it."""
        return int(hashlib.sha256(self.site.encode()).hexdigest(), 16) % HELD_OUT_OF == 0

    @property
    def is_for_calibration(self) -> bool:
        """Whether the form, not being held out, tells the ranker how sure it may be instead of teaching it."""
        return int(hashlib.sha256(self.site.encode()).hexdigest(), 16) // HELD_OUT_OF % CALIBRATION_OF == 0

    def request(self) -> ClassifyRequest:
        """The form as a client would send it."""
        return ClassifyRequest(fields=tuple(field.described(position) for position, field in enumerate(self.fields)))


def load_forms(path: Path, known: frozenset[str]) -> tuple[Form, ...]:
    """The forms of a file, or of every `*.jsonl` of a folder, in order. A truth is one of `known`, or `none`.

    Raises DataError naming file and line, and the field where one is at fault.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    return tuple(form for file in files for form in _forms(file, known | {NOTHING}))


def _forms(file: Path, known: frozenset[str]) -> Iterator[Form]:
    try:
        lines = file.read_text("utf-8").split("\n")
    except FileNotFoundError:
        raise DataError(f"{file}: no such file") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name}: not UTF-8 (byte {error.start})") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _form(line, f"{file.name}, line {number}", known)


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
    """Forms as JSON Lines, which `load_forms` reads back."""
    return "".join(form.model_dump_json(exclude_defaults=True) + "\n" for form in forms)
