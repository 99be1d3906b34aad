"""Truth files: JSON Lines, one field a line, with the site and form it stands in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.quality.truth.equal import EQUAL
from benchmarks.quality.truth.fields import TruthField, TruthSet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldwise_common.errors import DataError
from fieldwise_common.wire import MAX_FIELDS, FieldDescriptor

SENT = frozenset({"label", "placeholder", "name", "id", "type", "autocomplete", "maxlength", "options", "required"})
"""What a client tells of a field. A default `value` stands in the files too: no client sends it."""


class TruthRow(BaseModel):
    """One line. The wire forgives texts that are none; a truth file with one is wrong, and says so."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    i: int | str
    site: str = Field(min_length=1)
    form: int | str
    order: int
    lang: str = Field(min_length=2)
    truth: str = Field(min_length=1)
    source: str = ""
    peer: str = ""
    label: str | None = None
    placeholder: str | None = None
    name: str | None = None
    id: str | None = None
    type: str | None = None
    autocomplete: str | None = None


def read_truth_file(path: Path) -> TruthSet:
    """The forms of a truth file: the fields of one (site, form), by `order`.

    Raises DataError naming file and line, and the key where one is at fault.
    """
    forms: dict[tuple[str, str], list[tuple[int, TruthField]]] = {}
    seen: set[str] = set()
    for where, content in _lines(path):
        row, field = _parsed(content, where)
        if str(row.i) in seen:
            raise DataError(f"{where}, i: {row.i!r} comes twice")
        seen.add(str(row.i))
        fields = forms.setdefault((row.site, str(row.form)), [])
        fields.append((row.order, field))
        if len(fields) > MAX_FIELDS:
            raise DataError(f"{where}, form: more than {MAX_FIELDS} fields in {row.form!r} of {row.site}")
    if not forms:
        raise DataError(f"{path.name}: holds no field")
    in_order = tuple(tuple(field for _, field in sorted(fields, key=lambda item: item[0])) for fields in forms.values())
    truths = frozenset(field.truth for form in in_order for field in form)
    return TruthSet(path.name, in_order, truths.union(*EQUAL))


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line that holds something, and where it stands."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror})") from error
    for number, line in enumerate(lines, start=1):
        where = f"{path.name}, line {number}"
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{where}: not JSON: {error.msg}") from error
        if not isinstance(content, dict):
            raise DataError(f"{where}: expected an object, found {type(content).__name__}")
        yield where, content


def _parsed(content: dict[str, Any], where: str) -> tuple[TruthRow, TruthField]:
    try:
        row = TruthRow.model_validate(content)
        told = {key: value for key, value in content.items() if key in SENT}
        descriptor = FieldDescriptor.model_validate({**told, "selector": f"#field-{row.i}"})
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise DataError(f"{where}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    return row, TruthField(row.i, row.site, row.source, row.lang, row.truth, descriptor, row.peer)
