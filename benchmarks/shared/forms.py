"""Forms with known truth, from a truth file or from authored forms.

A truth file is JSON Lines, one field a line: what a client sends of it, the site and form it stands in, and what it means.
It imports only what inference and the authored forms need: `answers.py` runs it under an emulator.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_common.errors import DataError
from fieldwise_common.wire import MAX_FIELDS, FieldDescriptor
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import Form, load_forms

DATA = Path(__file__).resolve().parents[2] / "functions" / "training" / "data"
"""The shipped data of the training: `canonical/` and `corpus/`."""
SENT = frozenset({"label", "placeholder", "name", "id", "type", "autocomplete", "maxlength", "options", "required"})
"""The keys of a truth file that a client sends. A field's default `value`, which the files have too, is not one."""
EQUIVALENT = (
    frozenset({"address-line1", "street-address"}),
    frozenset({"country", "country-name"}),
    frozenset({"tel", "tel-national", "tel-local"}),
    frozenset({"current-password", "new-password"}),
)
"""Pages ask for each id of a group in the same words, and the value of one is right for the others."""


def equivalent(one: str, other: str) -> bool:
    """Whether the two canonical ids are the same, or of one group of `EQUIVALENT`."""
    return one == other or any(one in group and other in group for group in EQUIVALENT)


@dataclass(frozen=True, slots=True)
class TruthField:
    """One field. `truth` is a canonical id or `none`; `peer` is the browser's own prediction, "" if not known."""

    i: int | str
    site: str
    source: str
    lang: str
    truth: str
    descriptor: FieldDescriptor
    peer: str = ""


@dataclass(frozen=True, slots=True)
class TruthSet:
    """The forms of one file or folder, each a tuple of its fields in page order.

    `vocabulary`: the ids a prediction is judged by. Any other can be neither right nor wrong here, and counts as `none`.
    """

    name: str
    forms: tuple[tuple[TruthField, ...], ...]
    vocabulary: frozenset[str]


def read_truth(path: Path, held_out: bool = False) -> TruthSet:
    """The forms at `path`: a truth file, or authored forms in a file or folder (of these, with `held_out`, only the held-out sites).

    Raises DataError naming file and line, and the key or field that is wrong.
    """
    if path.is_dir() or _holds_whole_forms(path):
        return _authored(path, held_out)
    if held_out:
        raise DataError(f"{path.name}: only authored forms have held-out sites, and this is a truth file")
    return _truth_file(path)


def held_out_forms() -> tuple[Form, ...]:
    """The shipped authored forms of the sites that no version is made from."""
    forms = load_forms(DATA / "corpus", ids_of(load_canonical(DATA / "canonical")))
    return tuple(form for form in forms if form.is_held_out)


def _holds_whole_forms(path: Path) -> bool:
    """Whether the first line is a form rather than a field. False for a file that can't be read: the reader then names the fault."""
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(next((line for line in file if line.strip()), "null"))
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and "fields" in first


def _authored(path: Path, held_out: bool) -> TruthSet:
    """Authored forms; the kind of a form is the source of its fields."""
    known = ids_of(load_canonical(DATA / "canonical"))
    forms = [form for form in load_forms(path, known) if form.is_held_out or not held_out]
    if not forms:
        raise DataError(f"{path}: there is no {'held-out ' if held_out else ''}form in it")
    numbers = count()
    vocabulary = frozenset(canonical for canonical in known if not is_negative(canonical)) | {NOTHING}
    return TruthSet(
        name=f"{path.name}{', held-out sites' if held_out else ''}",
        forms=tuple(_truth_fields(form, numbers) for form in forms),
        vocabulary=vocabulary.union(*EQUIVALENT),
    )


def _truth_fields(form: Form, numbers: Iterator[int]) -> tuple[TruthField, ...]:
    pairs = zip(form.truths, form.request().fields, strict=True)
    return tuple(TruthField(next(numbers), form.site, form.kind, form.lang, truth, descriptor) for truth, descriptor in pairs)


class TruthRow(BaseModel):
    """One line of a truth file. Stricter than the API: a text of the wrong type is an error."""

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


def _truth_file(path: Path) -> TruthSet:
    """The fields of one (site, form) are a form, in the order of `order`."""
    forms: dict[tuple[str, str], list[tuple[int, TruthField]]] = {}
    seen: set[str] = set()
    for where, content in _lines(path):
        row, field = _parsed(content, where)
        if str(row.i) in seen:
            raise DataError(f"{where}, i: {row.i!r} is used twice")
        seen.add(str(row.i))
        fields = forms.setdefault((row.site, str(row.form)), [])
        fields.append((row.order, field))
        if len(fields) > MAX_FIELDS:
            raise DataError(f"{where}, form: more than {MAX_FIELDS} fields in form {row.form!r} of {row.site}")
    if not forms:
        raise DataError(f"{path.name}: there is no field in it")
    in_order = tuple(tuple(field for _, field in sorted(fields, key=lambda item: item[0])) for fields in forms.values())
    truths = frozenset(field.truth for form in in_order for field in form)
    return TruthSet(path.name, in_order, truths.union(*EQUIVALENT))


def _lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each line that is not blank, with its file and number for error messages."""
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


def _parsed(content: Mapping[str, Any], where: str) -> tuple[TruthRow, TruthField]:
    try:
        row = TruthRow.model_validate(content)
        sent = {key: value for key, value in content.items() if key in SENT}
        descriptor = FieldDescriptor.model_validate({**sent, "selector": f"#field-{row.i}"})
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise DataError(f"{where}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    return row, TruthField(row.i, row.site, row.source, row.lang, row.truth, descriptor, row.peer)
