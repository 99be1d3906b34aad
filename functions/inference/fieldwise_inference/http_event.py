"""HTTP requests as Lambda gets them, and responses as it returns them: API Gateway's events, payload format 2.0.

The backend's Invoke sends the same format. Without ASGI between the event and a route: there is one request at a time, and neither
streams nor anything to await (docs/decisions/0024-what-inference-imports.md).
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fieldwise_common.problems import MEDIA_TYPE, Problem, not_json, of_validation

JSON = "application/json"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `body` is as it was sent; a body is read as JSON, whatever its Content-Type is."""

    method: str
    path: str
    authorization: str | None
    body: bytes


class Refused(Exception):
    """The request gets a problem as its response."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.body["title"])
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response, with a JSON text as its content."""

    content: str
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def is_http(event: Mapping[str, Any]) -> bool:
    """Whether an event is an HTTP request, by what every one of them has."""
    return "requestContext" in event and "rawPath" in event


def read(event: Mapping[str, Any]) -> Request:
    """The request in an event. Raises KeyError for an event that has none."""
    http = event["requestContext"]["http"]
    authorization = next((value for name, value in event["headers"].items() if name.lower() == "authorization"), None)
    body = event.get("body") or ""
    return Request(
        method=http["method"],
        path=event["rawPath"],
        authorization=authorization,
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass"),
    )


def parsed(body: bytes) -> Any:
    """The JSON value of a body. Raises Refused."""
    if not body:
        raise Refused(of_validation([{"type": "missing", "loc": ("body",), "msg": "Field required"}]))
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(not_json()) from error


def validated(model: type[M], value: object) -> M:
    """A JSON value as `model`. Raises Refused with every field at fault."""
    try:
        return model.model_validate(value, from_attributes=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise Refused(of_validation([{**e, "loc": ("body", *e["loc"])} for e in found])) from error


def written(response: Response) -> dict[str, Any]:
    """The result of the invocation."""
    length = len(response.content.encode())
    headers = {**response.headers, "content-length": str(length), "content-type": response.media_type}
    return {"statusCode": response.status, "headers": headers, "body": response.content, "isBase64Encoded": False}


def of_model(model: BaseModel) -> Response:
    """A wire model, without what it has none of."""
    return Response(model.model_dump_json(exclude_none=True))


def of_json(content: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON object."""
    return Response(_json(content), status)


def of_problem(problem: Problem) -> Response:
    """A problem document."""
    return Response(_json(problem.body), problem.status, MEDIA_TYPE, problem.headers)


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
