"""Converts requests to API Gateway's events (payload format 2.0), and functions' answers to responses.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from local.api_gateway.api import Route
from local.template.names import ACCOUNT

TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml", "application/x-www-form-urlencoded")


def as_event(request: Request, route: Route, claims: Mapping[str, Any] | None) -> dict[str, Any]:
    """The event a function gets. `claims` are the verified token's; None for a public route."""
    now = datetime.now(UTC)
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        if name.lower() != "cookie":
            headers[name.lower()] = f"{headers[name.lower()]},{value}" if name.lower() in headers else value
    context: dict[str, Any] = {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": request.host,
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.remote_addr or "",
            "userAgent": request.headers.get("User-Agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": route.key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(time.time() * 1000),
    }
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": {k: _claim(v) for k, v in claims.items()}, "scopes": list(route.scopes) or None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": request.path,
        "rawQueryString": request.query_string.decode(),
        "headers": headers,
        "requestContext": context,
        **_body(request),
    }
    if request.args:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in request.args.lists()}
    if request.headers.get("Cookie"):
        event["cookies"] = [part.strip() for part in request.headers["Cookie"].split(";")]
    return event


def _claim(value: Any) -> str:
    """API Gateway passes claims as strings, and a list as `[a b c]`."""
    return f"[{' '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _body(request: Request) -> dict[str, Any]:
    body = request.get_data()
    is_text = request.headers.get("Content-Type", "").startswith(TEXT_TYPES)
    if not body:
        return {"isBase64Encoded": False}
    if is_text:
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass  # not the text its Content-Type announces: passed on as bytes
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def as_response(payload: bytes) -> Response:
    """A function's answer as a response. Raises ValueError when it is not in the gateway's format."""
    answer = json.loads(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        raise ValueError("the function's answer has no statusCode")
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    headers = Headers({str(name): str(value) for name, value in (answer.get("headers") or {}).items()})
    for cookie in answer.get("cookies") or ():
        headers.add("Set-Cookie", cookie)
    return Response(content, int(answer["statusCode"]), headers)
