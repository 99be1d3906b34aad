"""Lambda's Invoke API, answered by the functions that run here.

moto itself would echo the payload, and report success for functions that do not exist. The backend, the training function
and the state machine interpreter all call this API, and each needs `lambda:InvokeFunction` in its role's policies.
"""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Protocol

from werkzeug.wrappers import Request, Response

from local.aws.moto_internals import is_allowed
from local.aws.permissions import role_of

ROUTE = re.compile(r"/2015-03-31/functions/(?P<target>[^/]+)/invocations/?")
MAX_PAYLOAD = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of an invocation: the handler's JSON, or an error in Lambda's format."""

    payload: bytes
    is_error: bool = False


class Invokable(Protocol):
    """A function that can be invoked."""

    def invoke(self, payload: bytes, arn: str) -> Answer:
        """Runs the handler on a JSON event, as invoked under `arn`."""


class Functions(Protocol):
    """The functions that can be invoked."""

    def find(self, target: str) -> tuple[str, Invokable] | None:
        """The qualified ARN and the function of a name or ARN, with or without an alias; None when it doesn't exist."""


class InvokeApi:
    """Answers Invoke requests. `interpreter_role` is the state machine's role: its interpreter signs with a fixed key."""

    def __init__(self, functions: Functions, interpreter_role: str) -> None:
        self._functions = functions
        self._interpreter_role = interpreter_role

    def answer(self, request: Request) -> Response:
        """The response to a request whose path matches ROUTE."""
        match = ROUTE.fullmatch(request.path)
        target = match.group("target") if match else ""
        qualifier = request.args.get("Qualifier", "")
        found = self._functions.find(f"{target}:{qualifier}" if qualifier else target)
        if found is None:
            return _refused(404, "ResourceNotFoundException", f"Function not found: {target}")
        arn, function = found
        role = role_of(request.headers.get("Authorization", ""), self._interpreter_role)
        if role is not None and not (role and is_allowed(role, "lambda:InvokeFunction", arn)):
            who = role or "an unknown key"
            return _refused(403, "AccessDeniedException", f"{who} is not authorized to perform: lambda:InvokeFunction on resource: {arn}")
        if request.headers.get("X-Amz-Invocation-Type", "RequestResponse") != "RequestResponse":
            return _refused(400, "InvalidParameterValueException", "the local stack supports RequestResponse invocations only")
        payload = request.get_data() or b"{}"
        if len(payload) > MAX_PAYLOAD:
            return _refused(
                413, "RequestTooLargeException", f"Request must be smaller than {MAX_PAYLOAD} bytes for the InvokeFunction operation"
            )
        answer = function.invoke(payload, arn)
        response = Response(answer.payload, 200, content_type="application/json")
        response.headers["X-Amz-Executed-Version"] = "$LATEST"
        if answer.is_error:
            response.headers["X-Amz-Function-Error"] = "Unhandled"
        return response


def _refused(status: int, code: str, message: str) -> Response:
    body = json.dumps({"Type": "User", "Message": message, "message": message})
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}  # the interpreter crashes over an error without an id
    return Response(body, status, headers, content_type="application/json")
