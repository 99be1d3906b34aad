"""Forms with known truth, from a truth file, from cases or from authored forms.

A truth file is JSON Lines, one field a line: what a client sends of it, the site and form it stands in, and what it means.
It imports only what inference and the authored forms need: `answers.py` runs it under an emulator.
"""

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.shared.cases import read_cases
from benchmarks.shared.truth import EQUIVALENT, TruthField, TruthSet, lines
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


def read_truth(path: Path, held_out: bool = False) -> TruthSet:
    """The forms at `path`: a truth file; cases or authored forms, in a file or folder.

    `held_out`: of authored forms, only the held-out sites. Raises DataError naming file and line, and the key or field that is wrong.
    """
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    first = _first_line(files[0]) if files else {}
    is_truth_file, is_cases = not path.is_dir() and "fields" not in first, "fields" in first and "truth" in first
    if held_out and (is_truth_file or is_cases):
        raise DataError(f"{path.name}: only authored forms have held-out sites, and this has {'fields' if is_truth_file else 'cases'}")
    if is_truth_file:
        return _truth_file(path)
    return _cases(path, files) if is_cases else _authored(path, held_out)


def held_out_forms() -> tuple[Form, ...]:
    """The shipped authored forms of the sites that no version is made from."""
    forms = load_forms(DATA / "corpus", _known_ids())
    return tuple(form for form in forms if form.is_held_out)


def _first_line(file: Path) -> Mapping[str, Any]:
    """The first object of a file, by whose keys the format is recognised.

    {} for a file that can't be read: the reader then names the fault.
    """
    try:
        return next((content for _, content in lines(file)), {})
    except DataError:
        return {}


def _known_ids() -> frozenset[str]:
    return ids_of(load_canonical(DATA / "canonical"))


def _vocabulary(known: frozenset[str]) -> frozenset[str]:
    """Every id that is not negative, and `none`."""
    positive = frozenset(canonical for canonical in known if not is_negative(canonical)) | {NOTHING}
    return positive.union(*EQUIVALENT)


def _cases(path: Path, files: list[Path]) -> TruthSet:
    """The cases of all files; the kind of a case is the source of its fields."""
    known = _known_ids()
    return TruthSet(path.name, tuple(fields for file in files for fields in read_cases(file, known)), _vocabulary(known))


def _authored(path: Path, held_out: bool) -> TruthSet:
    """Authored forms; the kind of a form is the source of its fields."""
    known = _known_ids()
    forms = [form for form in load_forms(path, known) if form.is_held_out or not held_out]
    if not forms:
        raise DataError(f"{path}: there is no {'held-out ' if held_out else ''}form in it")
    numbers = count()
    return TruthSet(
        name=f"{path.name}{', held-out sites' if held_out else ''}",
        forms=tuple(_truth_fields(form, numbers) for form in forms),
        vocabulary=_vocabulary(known),
    )


def _truth_fields(form: Form, numbers: Iterator[int]) -> tuple[TruthField, ...]:
    described = zip(form.fields, form.truths, form.request().fields, strict=True)
    return tuple(
        TruthField(
            i=next(numbers),
            site=form.site,
            source=form.kind,
            lang=form.lang,
            truth=truth,
            descriptor=descriptor,
            whose="" if example.whose in {None, "self"} else example.whose,
            nth=example.nth,
        )
        for example, truth, descriptor in described
    )


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
    for where, content in lines(path):
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


def _parsed(content: Mapping[str, Any], where: str) -> tuple[TruthRow, TruthField]:
    try:
        row = TruthRow.model_validate(content)
        sent = {key: value for key, value in content.items() if key in SENT}
        descriptor = FieldDescriptor.model_validate({**sent, "selector": f"#field-{row.i}"})
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise DataError(f"{where}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    return row, TruthField(row.i, row.site, row.source, row.lang, row.truth, descriptor, row.peer)
