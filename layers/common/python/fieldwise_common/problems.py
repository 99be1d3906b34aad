"""Errors as `application/problem+json` (RFC 9457), with a stable `type` and the fields at fault; of no web framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldwise_common import errors
from fieldwise_common.observability import log_bug, logger

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:fieldwise:problem:"
RETRY_AFTER_SECONDS = 2

STATUS_AND_SLUG: Mapping[type[errors.FieldwiseError], tuple[int, str]] = {
    errors.Unauthenticated: (401, "unauthenticated"),
    errors.Forbidden: (403, "forbidden"),
    errors.InvalidRequest: (422, "invalid-request"),
    errors.RequestTooLarge: (413, "request-too-large"),
    errors.NotFound: (404, "not-found"),
    errors.PreconditionFailed: (412, "precondition-failed"),
    errors.InferenceTimeout: (504, "inference-timeout"),
    errors.InferenceUnavailable: (503, "inference-unavailable"),
    errors.NoVersionPublished: (503, "no-version-published"),
    errors.ModelError: (503, "model-unusable"),
    errors.StoreError: (503, "store-unavailable"),
    errors.FieldwiseError: (500, "internal"),
}
"""Status and problem type by error class; a class without a row uses its parent's."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document, and the headers that its response has besides those of every response."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def status(self) -> int:
        """The HTTP status."""
        status: int = self.body["status"]
        return status


def problem(status: int, slug: str, title: str, detail: str = "", **more: Any) -> Problem:
    """A problem; `more` are extension members of its document."""
    headers = {}
    if status in (503, 504):
        headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Problem({"type": TYPE_PREFIX + slug, "title": title, "status": status, "detail": detail or title, **more}, headers)


def _faults(faults: tuple[errors.FieldFault, ...]) -> dict[str, Any]:
    return {"errors": [{"pointer": f.pointer, "detail": f.detail} for f in faults]} if faults else {}


def of_error(error: errors.FieldwiseError) -> Problem:
    """The problem that one of our errors is."""
    status, slug = next(STATUS_AND_SLUG[cls] for cls in type(error).__mro__ if cls in STATUS_AND_SLUG)
    if status >= 500:
        logger.warning("request failed", extra={"error": type(error).__name__, "detail": str(error)})
    faults = error.faults if isinstance(error, errors.InvalidRequest) else ()
    return problem(status, slug, slug.replace("-", " ").capitalize(), str(error), **_faults(faults))


def not_json() -> Problem:
    """The body could not be parsed."""
    return problem(400, "not-json", "The body is not valid JSON")


def of_status(status: int, detail: str) -> Problem:
    """A request that no route answers, or that the framework refused."""
    slug = {404: "no-such-route", 405: "method-not-allowed"}.get(status, "http-error")
    return problem(status, slug, detail)


def _pointer(location: tuple[int | str, ...]) -> str:
    """A pydantic location as a JSON pointer into the body; a location outside the body as a plain path."""
    return "/" + "/".join(str(part) for part in location[1:]) if location[:1] == ("body",) else "/".join(map(str, location))


def of_validation(found: Sequence[Mapping[str, Any]]) -> Problem:
    """Pydantic's errors, whose locations begin with `body` for the body, without their `input`, which is user data."""
    if any(e["type"] == "json_invalid" for e in found):
        return not_json()
    every = tuple(errors.FieldFault(_pointer(tuple(e["loc"])), str(e["msg"])) for e in found)
    # an error of a list is left out when one of its entries has an error
    faults = tuple(f for f in every if not any(other.pointer.startswith(f.pointer + "/") for other in every))
    if any(e["type"] == "too_long" and len(e["loc"]) == 2 for e in found):
        return problem(413, "request-too-large", "Too many entries in the request", faults[0].detail, **_faults(faults[:1]))
    culprits = ", ".join(sorted({f.pointer for f in faults})[:5])
    return problem(422, "invalid-request", "The request is not valid", f"invalid: {culprits}", **_faults(faults))


def of_bug(error: Exception) -> Problem:
    """Logs an unexpected error (see `log_bug`)."""
    log_bug(error)
    return problem(500, "internal", "Internal error")
