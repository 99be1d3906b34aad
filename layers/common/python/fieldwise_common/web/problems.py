"""Errors as `application/problem+json` (RFC 9457), with a stable `type` and the fields at fault."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fieldwise_common import errors
from fieldwise_common.observability import logger

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


def _status_and_slug(error: errors.FieldwiseError) -> tuple[int, str]:
    return next(STATUS_AND_SLUG[cls] for cls in type(error).__mro__ if cls in STATUS_AND_SLUG)


def problem(status: int, slug: str, title: str, detail: str = "", **more: Any) -> JSONResponse:
    """A response with a problem document; `more` are its extension members."""
    body = {"type": TYPE_PREFIX + slug, "title": title, "status": status, "detail": detail or title, **more}
    headers = {}
    if status in (503, 504):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _faults(faults: tuple[errors.FieldFault, ...]) -> dict[str, Any]:
    return {"errors": [{"pointer": f.pointer, "detail": f.detail} for f in faults]} if faults else {}


def from_error(error: errors.FieldwiseError) -> JSONResponse:
    """The problem document of one of our errors."""
    status, slug = _status_and_slug(error)
    if status >= 500:
        logger.warning("request failed", extra={"error": type(error).__name__, "detail": str(error)})
    faults = error.faults if isinstance(error, errors.InvalidRequest) else ()
    return problem(status, slug, slug.replace("-", " ").capitalize(), str(error), **_faults(faults))


def _pointer(location: tuple[int | str, ...]) -> str:
    """A pydantic location as a JSON pointer into the body; a location outside the body as a plain path."""
    return "/" + "/".join(str(part) for part in location[1:]) if location[:1] == ("body",) else "/".join(map(str, location))


def _invalid(error: RequestValidationError) -> JSONResponse:
    """FastAPI's validation errors, without their `input`, which is user data."""
    kinds = {e["type"] for e in error.errors()}
    every = tuple(errors.FieldFault(_pointer(tuple(e["loc"])), str(e["msg"])) for e in error.errors())
    # an error of a list is left out when one of its entries has an error
    faults = tuple(f for f in every if not any(other.pointer.startswith(f.pointer + "/") for other in every))
    if "json_invalid" in kinds:
        return problem(400, "not-json", "The body is not valid JSON")
    too_many = next((e for e in error.errors() if e["type"] == "too_long" and len(e["loc"]) == 2), None)
    if too_many is not None:
        return problem(413, "request-too-large", "Too many entries in the request", faults[0].detail, **_faults(faults[:1]))
    culprits = ", ".join(sorted({f.pointer for f in faults})[:5])
    return problem(422, "invalid-request", "The request is not valid", f"invalid: {culprits}", **_faults(faults))


def install(app: FastAPI) -> None:
    """Makes `app` respond to every error with a problem document."""

    @app.exception_handler(errors.FieldwiseError)
    async def on_fieldwise_error(_: Request, error: errors.FieldwiseError) -> JSONResponse:
        return from_error(error)

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
        return _invalid(error)

    @app.exception_handler(HTTPException)
    async def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        slug = {404: "no-such-route", 405: "method-not-allowed"}.get(error.status_code, "http-error")
        return problem(error.status_code, slug, str(error.detail))

    @app.exception_handler(Exception)
    async def on_bug(_: Request, error: Exception) -> JSONResponse:
        """Logs a bug by type and place alone: its message may hold user data."""
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else ""
        logger.error("unhandled error", extra={"error": type(error).__name__, "place": place})
        return problem(500, "internal", "Internal error")
