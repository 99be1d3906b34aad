"""The front door by itself, as a WSGI application: its authorizer, its limits."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.issuer import AUDIENCE, ISSUER, Issuer
from werkzeug.test import Client

from local.aws.invoke import Answer
from local.front_door import door
from local.front_door.api import Authorizer as JwtAuthorizer
from local.front_door.api import HttpApi, Route, read_api
from local.front_door.door import FrontDoor
from local.refusal import Refusal

ARN = "arn:aws:lambda:us-east-1:123456789012:function:backend"
BAD = Issuer().forgeries()
OURS = Issuer()


def front_door(answer: Answer | Exception, issuer: Issuer = OURS) -> Client:
    route = Route("POST", "/do", ARN, JwtAuthorizer(ISSUER, frozenset({AUDIENCE})), ())

    def call(arn: str, event: object) -> Answer:
        assert arn == ARN
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Client(FrontDoor(HttpApi((route,), None), call, issuer.jwks))


def answering(body: Mapping[str, Any]) -> Answer:
    return Answer(json.dumps(body).encode())


@pytest.mark.parametrize("fault", BAD)
def test_a_token_that_does_not_hold_is_refused_by_the_gateway_itself(fault: str) -> None:
    client = front_door(AssertionError("the function was reached"))

    answer = client.post("/do", headers={"Authorization": f"Bearer {OURS.forgeries()[fault]}"})

    assert (answer.status_code, answer.data) == (401, b'{"message":"Unauthorized"}')
    assert answer.headers["www-authenticate"].startswith('Bearer scope="" error="invalid_token"')


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer   "])
def test_what_is_no_bearer_token_is_refused(header: str) -> None:
    answer = front_door(answering({"statusCode": 200})).post("/do", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_good_token_gets_through_and_so_does_the_clients_id_where_there_is_no_audience() -> None:
    client = front_door(answering({"statusCode": 204}))

    for token in (OURS.token(), OURS.token(aud=None, client_id=AUDIENCE)):
        assert client.post("/do", headers={"Authorization": f"Bearer {token}"}).status_code == 204


def authorised(client: Client) -> Any:
    return client.post("/do", headers={"Authorization": f"Bearer {OURS.token()}"})


def test_a_base64_answer_is_sent_as_the_bytes_it_stands_for() -> None:
    body = base64.b64encode(b"\xff\x00").decode()

    answer = authorised(front_door(answering({"statusCode": 200, "isBase64Encoded": True, "body": body})))

    assert answer.data == b"\xff\x00"


@pytest.mark.parametrize(
    "answer", [Answer(b'{"errorType":"X"}', is_error=True), Answer(b"not json"), Answer(b'{"no":"status"}'), Answer(b"null")]
)
def test_whatever_is_no_answer_is_the_gateways_own_error(answer: Answer) -> None:
    response = authorised(front_door(answer))

    assert (response.status_code, response.data) == (500, b'{"message":"Internal Server Error"}')


def test_a_function_that_takes_longer_than_the_gateway_waits_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MAX_SECONDS", 0.05)
    route = Route("GET", "/slow", ARN, None, ())

    def slow(_arn: str, _event: object) -> Answer:
        time.sleep(0.3)
        return answering({"statusCode": 200})

    response = Client(FrontDoor(HttpApi((route,), None), slow, OURS.jwks)).get("/slow")

    assert (response.status_code, response.data) == (503, b'{"message":"Service Unavailable"}')


def test_a_route_this_front_door_could_not_serve_is_refused_at_start() -> None:
    integration = {"x-amazon-apigateway-integration": {"uri": f"arn:aws:apigateway:us-east-1:lambda:path/functions/{ARN}/invocations"}}

    with pytest.raises(Refusal, match=r"/things/\{id\}"):
        read_api({"paths": {"/things/{id}": {"get": integration}}})
