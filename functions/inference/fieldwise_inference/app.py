"""The app of inference: from an event to its route, and every error as a problem document."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fieldwise_common import problems
from fieldwise_common.auth import TokenVerifier, bearer_token
from fieldwise_common.errors import FieldwiseError, RequestTooLarge
from fieldwise_inference.http_event import Refused, Request, Response, of_problem, read, written
from fieldwise_inference.routes import ROUTES, Call
from fieldwise_inference.serving.holder import VersionHolder

OPEN_PATHS = frozenset({"/ml/health"})
MAX_BODY_BYTES = 4_000_000
"""Bytes accepted in one request. More than of the API's clients: the backend adds a profile, or what the user remembers, and
writes options that a client gave as plain texts as objects. Lambda passes on 6 MB, which base64 fills with 4.5 MB.
"""

App = Callable[[Mapping[str, Any]], dict[str, Any]]


def create_app(holder: VersionHolder, verifier: TokenVerifier, start: Mapping[str, float] = MappingProxyType({})) -> App:
    """The app over a holder of versions and a verifier of tokens: HTTP events in, the results of their invocations out.

    `start`: what health reports of the process's start, in milliseconds by phase.
    """

    def route(request: Request) -> Response:
        """The token is checked first, even for a path that does not exist, then the body's size."""
        caller = None if request.path in OPEN_PATHS else verifier.verify(bearer_token(request.authorization))
        if len(request.body) > MAX_BODY_BYTES:
            raise RequestTooLarge(f"a request may have at most {MAX_BODY_BYTES:,} bytes")
        by_method = ROUTES.get(request.path)
        if by_method is None:
            raise Refused(problems.of_status(404, "Not Found"))
        if request.method not in by_method:
            raise Refused(problems.of_status(405, "Method Not Allowed"))
        return by_method[request.method](Call(holder, caller, request.body, start))

    def app(event: Mapping[str, Any]) -> dict[str, Any]:
        try:
            response = route(read(event))
        except Refused as refused:
            response = of_problem(refused.problem)
        except FieldwiseError as error:
            response = of_problem(problems.of_error(error))
        except Exception as error:  # noqa: BLE001  # the last resort: whatever else is wrong is a bug, and gets a 500
            response = of_problem(problems.of_bug(error))
        return written(response)

    return app
