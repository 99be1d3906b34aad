"""The FastAPI app: routes, errors as problem documents, and the middleware. API Gateway handles CORS."""

from typing import Any

from fastapi import FastAPI

from fieldwise_backend.dependencies import Dependencies
from fieldwise_backend.routes import autofill, health, memory, overrides, profile
from fieldwise_backend.routes.feedback_count import FeedbackCount
from fieldwise_backend.web import problems
from fieldwise_backend.web.authentication import Authentication
from fieldwise_backend.web.body_limit import BodyLimit
from fieldwise_backend.web.json_body import JsonBody
from fieldwise_common import CODE_VERSION
from fieldwise_common.wire import MAX_BODY_BYTES

OPEN_PATHS = frozenset({"/health"})

_TEXT = {"type": "string"}
_FAULT = {"type": "object", "properties": {"pointer": _TEXT, "detail": _TEXT}}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {"type": "array", "items": _FAULT},
    },
}
PROBLEM_ANSWER: dict[int | str, dict[str, Any]] = {
    "default": {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {"schema": _PROBLEM}}}
}


def describe_app() -> FastAPI:
    """The app with its routes only: enough for the OpenAPI document, not to serve requests."""
    app = FastAPI(
        title="Fieldwise",
        summary="Classifies the fields of a form, fills them from a profile, and learns from feedback.",
        version=CODE_VERSION,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_ANSWER,
    )
    for routes in (autofill, memory, overrides, profile, health):
        app.include_router(routes.router)
    return app


def create_app(dependencies: Dependencies) -> FastAPI:
    """The app that serves requests. The token is checked first, then the body's size."""
    app = describe_app()
    app.state.dependencies = dependencies
    app.state.feedback_count = FeedbackCount()
    problems.install(app)
    app.add_middleware(JsonBody)
    app.add_middleware(BodyLimit, limit=MAX_BODY_BYTES)
    app.add_middleware(Authentication, verify=dependencies.verify, open_paths=OPEN_PATHS)
    return app
