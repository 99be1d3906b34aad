"""Decides logged forms again: the request as it was, with what people had said by then."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from fieldwise_common.decision_log import LogRow
from fieldwise_common.errors import DataError
from fieldwise_common.store.overrides import Override
from fieldwise_common.wire import Decision, FieldDescriptor, KnownAtDecision, KnownField, MlClassifyRequest, Page
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.decide import DUPLICATE, classify
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.candidates import needs_candidates
from fieldwise_inference.classify.signature import signatures
from fieldwise_training.encoder.parallel import PreparedEncoder
from fieldwise_training.progress.report import OnProgress

REPEATED = DUPLICATE.signals[0]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
Form = Sequence[LogRow]
"""The rows of one form, by position."""


def decided_again(version: LoadedVersion, forms: Sequence[Form], on_progress: OnProgress) -> Iterator[Mapping[int, Decision]]:
    """The decisions about each form, by position. The texts of all forms are embedded together, on all cores.

    Raises DataError for a row whose description is not a field's.
    """
    requests = [_request(form) for form in forms]
    views = (FieldView(field) for request in requests for field in request.fields)
    texts = [view.text for view in views if needs_candidates(view, certain(view), version.lexicon)]
    prepared = replace(version, encoder=PreparedEncoder(version.encoder, texts, on_progress), overrides={})
    for form, request in zip(forms, requests, strict=True):
        remembered, overrides = _known(form, request)
        asked = request.model_copy(update={"remembered": remembered})
        answer = classify(replace(prepared, overrides={request.site: overrides}) if overrides else prepared, asked)
        yield {decision.position: decision for decision in answer.decisions}


def _request(form: Form) -> MlClassifyRequest:
    """The request without what is known. Selectors are numbered: the log flattens them, and only whether they repeat matters."""
    first_of: dict[str, str] = {}
    fields = []
    for row in form:
        own = f"#{row.position}"
        first = first_of.setdefault(row.selector, own)
        selector = first if REPEATED in row.confidence_signals.split(";") else own
        try:
            fields.append(FieldDescriptor.model_validate({**json.loads(row.field), "selector": selector}))
        except ValueError as error:
            raise DataError(f"request {row.request_id}, position {row.position}: not the description of a field") from error
    return MlClassifyRequest(fields=tuple(fields), page=Page(origin=form[0].origin), site=form[0].site)


def _known(form: Form, request: MlClassifyRequest) -> tuple[tuple[KnownField, ...], Mapping[str, Override]]:
    """What the user remembered and what admins had overridden, by today's signatures of the fields."""
    said = [(position, KnownAtDecision.model_validate_json(row.known)) for position, row in enumerate(form) if row.known]
    if not said:
        return (), {}
    positions = {field.selector: position for position, field in reversed(list(enumerate(request.fields)))}
    first = sorted(positions.values())
    signed = dict(zip(first, signatures([FieldView(request.fields[p]) for p in first], request.page.origin), strict=True))
    remembered = tuple(
        KnownField(signature=str(signed[position]), canonical=known.canonical, rejected=known.rejected)
        for position, known in said
        if known.canonical or known.rejected
    )
    overrides = {
        str(signed[position]): Override(
            site=request.site, origin="", signature=str(signed[position]), canonical=known.override, by="", at=NEVER, why=""
        )
        for position, known in said
        if known.override
    }
    return remembered, overrides
