"""The FastAPI app of inference, which serves HTTP requests and Lambda's Invoke alike."""

from fastapi import FastAPI

from fieldwise_common import CODE_VERSION
from fieldwise_common.auth import TokenVerifier
from fieldwise_common.web import problems
from fieldwise_common.web.authentication import Authentication
from fieldwise_common.web.body_limit import BodyLimit
from fieldwise_common.wire import MAX_BODY_BYTES
from fieldwise_inference.routes import router
from fieldwise_inference.serving.holder import VersionHolder

OPEN_PATHS = frozenset({"/ml/health"})
PROFILE_BYTES = 250_000
"""What a profile may add to the matches in a fill request."""


def create_app(holder: VersionHolder, verifier: TokenVerifier) -> FastAPI:
    """The app over a holder of versions and a verifier of tokens. The token is checked first, then the body's size."""
    app = FastAPI(title="Fieldwise inference", version=CODE_VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.holder = holder
    app.include_router(router)
    problems.install(app)
    app.add_middleware(BodyLimit, limit=MAX_BODY_BYTES + PROFILE_BYTES)
    app.add_middleware(Authentication, verify=verifier.verify, open_paths=OPEN_PATHS)
    return app
