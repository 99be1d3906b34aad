"""The API Gateway emulator on its own, as a WSGI application: its authorizer, its limits."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from werkzeug.test import Client

from local.api_gateway import gateway
from local.api_gateway.api import Authorizer as JwtAuthorizer
from local.api_gateway.api import HttpApi, Route, read_api
from local.api_gateway.gateway import ApiGateway
from local.aws.invoke import Answer
from local.refusal import Refusal

ARN = "arn:aws:lambda:us-east-1:123456789012:function:backend"
BAD = Issuer().forgeries()
OURS = Issuer()


def gateway_with(answer: Answer | Exception, issuer: Issuer = OURS) -> Client:
    route = Route("POST", "/do", ARN, JwtAuthorizer(ISSUER, frozenset({AUDIENCE})), ())

    def call(arn: str, event: object) -> Answer:
        assert arn == ARN
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Client(ApiGateway(HttpApi((route,), None), call, issuer.jwks))


def answering(body: Mapping[str, Any]) -> Answer:
    return Answer(json.dumps(body).encode())


@pytest.mark.parametrize("fault", BAD)
def test_an_invalid_token_is_refused_by_the_gateway_itself(fault: str) -> None:
    client = gateway_with(AssertionError("the function was reached"))

    answer = client.post("/do", headers={"Authorization": f"Bearer {OURS.forgeries()[fault]}"})

    assert (answer.status_code, answer.data) == (401, b'{"message":"Unauthorized"}')
    assert answer.headers["www-authenticate"].startswith('Bearer scope="" error="invalid_token"')


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer   "])
def test_a_header_without_a_bearer_token_is_refused(header: str) -> None:
    answer = gateway_with(answering({"statusCode": 200})).post("/do", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_valid_token_is_accepted_and_so_is_a_client_id_in_place_of_an_audience() -> None:
    client = gateway_with(answering({"statusCode": 204}))

    for token in (OURS.token(), OURS.token(aud=None, client_id=AUDIENCE)):
        assert client.post("/do", headers={"Authorization": f"Bearer {token}"}).status_code == 204


def authorised(client: Client) -> Any:
    return client.post("/do", headers={"Authorization": f"Bearer {OURS.token()}"})


def test_a_base64_answer_is_decoded() -> None:
    body = base64.b64encode(b"\xff\x00").decode()

    answer = authorised(gateway_with(answering({"statusCode": 200, "isBase64Encoded": True, "body": body})))

    assert answer.data == b"\xff\x00"


@pytest.mark.parametrize(
    "answer", [Answer(b'{"errorType":"X"}', is_error=True), Answer(b"not json"), Answer(b'{"no":"status"}'), Answer(b"null")]
)
def test_a_malformed_answer_is_the_gateways_own_error(answer: Answer) -> None:
    response = authorised(gateway_with(answer))

    assert (response.status_code, response.data) == (500, b'{"message":"Internal Server Error"}')


def test_a_function_that_takes_longer_than_the_gateway_waits_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MAX_SECONDS", 0.05)
    route = Route("GET", "/slow", ARN, None, ())

    def slow(_arn: str, _event: object) -> Answer:
        time.sleep(0.3)
        return answering({"statusCode": 200})

    response = Client(ApiGateway(HttpApi((route,), None), slow, OURS.jwks)).get("/slow")

    assert (response.status_code, response.data) == (503, b'{"message":"Service Unavailable"}')


def test_a_route_with_a_path_parameter_is_refused() -> None:
    integration = {"x-amazon-apigateway-integration": {"uri": f"arn:aws:apigateway:us-east-1:lambda:path/functions/{ARN}/invocations"}}

    with pytest.raises(Refusal, match=r"/things/\{id\}"):
        read_api({"paths": {"/things/{id}": {"get": integration}}})
