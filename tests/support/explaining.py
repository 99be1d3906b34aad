"""Explanations of decisions by a small version in memory."""

from collections.abc import Mapping

from tests.support.deciding import a_version

from fieldwise_common.wire import FieldDescriptor, KnownField, MlClassifyRequest
from fieldwise_common.wire_explain import ExplainedDecision, Why
from fieldwise_inference.classify.explain import explain_decision
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.signature import signatures

ORIGIN, SITE = "https://shop.example", "0123456789abcdef"
PHONE: dict[str, object] = {"label": "Telephone", "name": "phone"}
PASSWORD: dict[str, object] = {"label": "Password", "type": "password"}
RADIO: dict[str, object] = {"type": "radio", "name": "auth", "group": "Are you authorized to work"}


def signature_of(field: Mapping[str, object]) -> str:
    view = FieldView(FieldDescriptor.model_validate({"selector": "#f0", **field}))
    return str(signatures([view], ORIGIN)[0])


def request_of(*fields: Mapping[str, object], remembered: tuple[KnownField, ...] = ()) -> MlClassifyRequest:
    described = [{"selector": f"#f{i}", **field} for i, field in enumerate(fields)]
    asked = MlClassifyRequest.model_validate({"fields": described, "page": {"origin": ORIGIN}, "site": SITE})
    return asked.model_copy(update={"remembered": remembered})


def explained(
    *fields: Mapping[str, object],
    at: int = 0,
    requested: str = "",
    version: LoadedVersion | None = None,
    remembered: tuple[KnownField, ...] = (),
) -> ExplainedDecision:
    return explain_decision(version or a_version(), request_of(*fields, remembered=remembered), at, requested)


def why(*fields: Mapping[str, object], **options: object) -> Why:
    found = explained(*fields, **options).why  # type: ignore[arg-type]
    assert found is not None
    return found
