"""The FastAPI app of inference, which serves HTTP requests and Lambda's Invoke alike."""

from fastapi import FastAPI

from fieldwise_common import CODE_VERSION
from fieldwise_common.auth import TokenVerifier
from fieldwise_common.web import problems
from fieldwise_common.web.authentication import Authentication
from fieldwise_common.web.body_limit import BodyLimit
from fieldwise_common.web.json_body import JsonBody
from fieldwise_inference.routes import router
from fieldwise_inference.serving.holder import VersionHolder

OPEN_PATHS = frozenset({"/ml/health"})
MAX_BODY_BYTES = 4_000_000
"""Bytes accepted in one request. More than of the API's clients: the backend adds a profile, or what the user remembers, and
writes options that a client gave as plain texts as objects. Lambda passes on 6 MB, which base64 fills with 4.5 MB.
"""


def create_app(holder: VersionHolder, verifier: TokenVerifier) -> FastAPI:
    """The app over a holder of versions and a verifier of tokens. The token is checked first, then the body's size."""
    app = FastAPI(title="Fieldwise inference", version=CODE_VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.holder = holder
    app.include_router(router)
    problems.install(app)
    app.add_middleware(JsonBody)
    app.add_middleware(BodyLimit, limit=MAX_BODY_BYTES)
    app.add_middleware(Authentication, verify=verifier.verify, open_paths=OPEN_PATHS)
    return app
