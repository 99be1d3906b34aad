"""Decides logged forms again: the request as it was, with what people had said by then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from fieldwise_common.store.overrides import Override
from fieldwise_common.wire import Decision, FieldDescriptor, KnownAtDecision, KnownField, MlClassifyRequest, Page, first_by_selector
from fieldwise_inference.classify.decide import classify, texts_to_embed
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.signature import signatures
from fieldwise_training.encoder.parallel import PreparedEncoder
from tools.replay.logged import LoggedForm

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def decided_again(version: LoadedVersion, forms: Sequence[LoggedForm]) -> Iterator[Mapping[int, Decision]]:
    """The decisions about each form, by position. The texts of all forms are embedded together, on all cores."""
    requests = [request_of(form) for form in forms]
    texts = [text for request in requests for text in texts_to_embed(version, request.fields)]
    prepared = replace(version, encoder=PreparedEncoder(version.encoder, texts))
    for form, request in zip(forms, requests, strict=True):
        answer = classify(*as_known(prepared, form, request))
        yield {decision.position: decision for decision in answer.decisions}


def as_known(version: LoadedVersion, form: LoggedForm, request: MlClassifyRequest) -> tuple[LoadedVersion, MlClassifyRequest]:
    """A version with the overrides of the time, and the request with what the user had said by then."""
    remembered, overrides = _known(form, request)
    asked = request.model_copy(update={"remembered": remembered})
    return replace(version, overrides={request.site: overrides} if overrides else {}), asked


def request_of(form: LoggedForm) -> MlClassifyRequest:
    """The request without what is known. Selectors are numbered: the log flattens them, and only whether they repeat matters."""
    first_of: dict[str, str] = {}
    fields = []
    for position, logged in enumerate(form):
        first = first_of.setdefault(logged.row.selector, _selector(position))
        selector = first if logged.is_repeated else _selector(position)
        fields.append(FieldDescriptor.model_validate({**logged.described, "selector": selector}))
    return MlClassifyRequest(fields=tuple(fields), page=Page(origin=form[0].row.origin), site=form[0].row.site)


def _selector(position: int) -> str:
    return f"#{position}"


def _position(selector: str) -> int:
    return int(selector.removeprefix("#"))


def _known(form: LoggedForm, request: MlClassifyRequest) -> tuple[tuple[KnownField, ...], Mapping[str, Override]]:
    """What the user remembered and what admins had overridden, by the signatures that this code gives the fields."""
    if not any(logged.row.known for logged in form):
        return (), {}
    first = first_by_selector(request.fields).values()
    signed = signatures([FieldView(field) for field in first], request.page.origin)
    said = [(str(signature), form[_position(field.selector)].known) for signature, field in zip(signed, first, strict=True)]
    remembered = (
        KnownField(signature=signature, canonical=known.canonical, rejected=known.rejected)
        for signature, known in said
        if known.canonical or known.rejected
    )
    return tuple(remembered), {signature: _override(request.site, signature, known) for signature, known in said if known.override}


def _override(site: str, signature: str, known: KnownAtDecision) -> Override:
    return Override(site=site, origin="", signature=signature, canonical=known.override, by="", at=NEVER, why="")
