"""The decision to explain: one in a log, or one about a field of a form in a file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fieldwise_common.decision_ids import parse_decision_id
from fieldwise_common.decision_log import LogRow
from fieldwise_common.errors import DataError
from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_training.feedback.rows import instant
from fieldwise_training.feedback.source import UNREAD, find_log, mark_at
from tools.replay.decide import request_of
from tools.replay.logged import LoggedForm, LoggedForms

OF_A_TRUTH_FILE = frozenset({"form", "lang"})
"""Keys of a truth file that mean something else in the description of a field."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of a form.

    - position: of the field, from 0, among those with different selectors.
    - truth: the id that the file has for it; "" if none.
    - logged, row: the form in the log, and the decision there.
    """

    request: MlClassifyRequest
    position: int
    truth: str = ""
    logged: LoggedForm = ()
    row: LogRow | None = None


def of_log(log: str, decision_id: str, since: datetime | None) -> Asked:
    """The decision with an id. Raises DataError if it is not in the log, or not completely enough to be made again; StoreError."""
    wanted = parse_decision_id(decision_id)
    if wanted is None:
        raise DataError(f"{decision_id!r} is not a decision id: take it from a match, or from the column decision_id of the log")
    forms = LoggedForms(find_log(log, mark_at(log, since) if since is not None else UNREAD), instant(since.isoformat()) if since else "")
    for form in forms:
        if form[0].row.request_id != wanted.request_id or wanted.position >= len(form):
            continue
        if form[wanted.position].is_repeated:
            raise DataError(f"{decision_id}: the field was ignored, because an earlier one of the form has the same selector")
        request = request_of(form)
        position = len({field.selector for field in request.fields[: wanted.position]})
        return Asked(request, position, logged=form, row=form[wanted.position].row)
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(forms.skipped.items()) if count)
    raise DataError(f"{log}: no decision {decision_id} that can be made again" + (f" (left out: {reasons})" if reasons else ""))


def of_file(where: str, number: int | None) -> Asked:
    """A field of the form at `file.jsonl:line`, an authored form or a field of a truth file.

    `number`: which of its fields, from 1; None: the line's own field, in a truth file. Raises DataError naming file and line.
    """
    path, _, line = where.rpartition(":")
    if not path or not line.isdecimal():
        raise DataError(f"{where!r} names no line of a file: write it as forms.jsonl:12")
    lines = list(_objects(Path(path)))
    here = next((content for at, content in lines if at == int(line)), None)
    if here is None:
        raise DataError(f"{path} has no line {line} with an object")
    if isinstance(here.get("fields"), list):
        described, own = [field for field in here["fields"] if isinstance(field, Mapping)], None
    else:
        rows = sorted((row for _, row in lines if _form_of(row) == _form_of(here)), key=lambda row: row.get("order", 0))
        own = rows.index(here)
        described = [{key: value for key, value in row.items() if key not in OF_A_TRUTH_FILE} for row in rows]
    position = own if number is None else number - 1
    if position is None or position >= len(described):
        raise DataError(f"{where}: name a field by its number, from 1 to {len(described)}")
    truth = described[position].get("truth")
    return Asked(_request(described, where), position, truth if isinstance(truth, str) else "")


def _form_of(row: Mapping[str, Any]) -> tuple[object, object]:
    return row.get("site"), row.get("form")


def _request(described: Sequence[Mapping[str, Any]], where: str) -> MlClassifyRequest:
    """The fields as a client would send them, each with a selector of its own."""
    try:
        fields = tuple(FieldDescriptor.model_validate({**field, "selector": f"#field-{n}"}) for n, field in enumerate(described, start=1))
        return MlClassifyRequest(fields=fields)
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise DataError(f"{where}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None


def _objects(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a file of JSON Lines, each with the number of its line."""
    try:
        texts = path.read_text("utf-8").split("\n")
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 (byte {error.start})") from error
    for number, text in enumerate(texts, start=1):
        try:
            content = json.loads(text) if text.strip() else None
        except json.JSONDecodeError as error:
            raise DataError(f"{path}, line {number}: not JSON: {error.msg}") from error
        if isinstance(content, dict):
            yield number, content
