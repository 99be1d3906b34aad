"""The gateway, the permissions and the state machine of the running miniature system."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from tests.support.local_world import tiny_config

from fieldwise_common.auth import ADMIN_SCOPE
from local.stack import Stack
from local.train import Outcome, train

Act = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tiny_config(tmp_path_factory.mktemp("tiny")))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=30) as http:
        yield http


@pytest.fixture(scope="module")
def act(stack: Stack, client: httpx.Client) -> Act:
    headers = {"Authorization": f"Bearer {stack.issuer.token('ada')}"}

    def do(act: str, /, **more: Any) -> httpx.Response:
        return client.post("/do", json={"act": act, **more}, headers=headers)

    return do


def test_without_a_token_the_gateway_itself_refuses(client: httpx.Client) -> None:
    answer = client.post("/do", json={"act": "secret"})

    assert answer.status_code == 401
    assert answer.content == b'{"message":"Unauthorized"}'
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_route_without_an_authorizer_is_open(client: httpx.Client) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    assert "authorizer" not in answer.json()["requestContext"]


def test_an_unknown_path_or_method_is_not_found_even_without_a_token(client: httpx.Client) -> None:
    for answer in (client.get("/nowhere"), client.delete("/echo")):
        assert answer.status_code == 404
        assert answer.content == b'{"message":"Not Found"}'


def test_a_route_with_a_scope_refuses_a_token_without_it(stack: Stack, client: httpx.Client) -> None:
    plain = client.get("/admin", headers={"Authorization": f"Bearer {stack.issuer.token('ada')}"})
    admin = client.get("/admin", headers={"Authorization": f"Bearer {stack.issuer.token('ada', ADMIN_SCOPE)}"})

    assert (plain.status_code, plain.content) == (403, b'{"message":"Forbidden"}')
    assert 'error="insufficient_scope"' in plain.headers["www-authenticate"]
    assert admin.status_code == 200


def test_the_function_gets_the_gateways_event_with_the_verified_claims(stack: Stack, client: httpx.Client) -> None:
    token = stack.issuer.token("ada", roles=["a", "b"])

    answer = client.get("/echo?x=1&x=2&y=", headers={"Authorization": f"Bearer {token}", "Cookie": "c=1; d=2", "X-Mixed-Case": "v"})

    event = answer.json()
    assert (event["version"], event["routeKey"], event["rawPath"], event["rawQueryString"]) == ("2.0", "GET /echo", "/echo", "x=1&x=2&y=")
    assert event["queryStringParameters"] == {"x": "1,2", "y": ""}
    assert event["cookies"] == ["c=1", "d=2"]
    assert event["headers"]["x-mixed-case"] == "v"
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert (claims["sub"], claims["roles"], claims["exp"].isdecimal()) == ("ada", "[a b]", True)
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_a_body_that_is_not_text_is_passed_on_as_base64(stack: Stack, client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {stack.issuer.token('ada')}", "Content-Type": "application/octet-stream"}

    answer = client.post("/do", content=b"\xff\x00", headers=headers)

    assert answer.status_code == 500  # the miniature handler can't read it, which is the function's error


def test_a_preflight_needs_no_token(client: httpx.Client) -> None:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    answer = client.options("/do", headers=asked)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://page.example"
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-headers"] == "authorization"
    assert answer.headers["access-control-max-age"] == "60"
    assert answer.headers["access-control-allow-credentials"] == "true"


def test_an_origin_that_is_not_allowed_gets_no_cors_headers(client: httpx.Client) -> None:
    answer = client.options("/do", headers={"Origin": "https://other.example", "Access-Control-Request-Method": "POST"})

    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_gateways_cors_headers_replace_the_functions_own(client: httpx.Client) -> None:
    answer = client.get("/health", headers={"Origin": "https://page.example"})

    assert answer.headers.get_list("access-control-allow-origin") == ["https://page.example"]
    assert answer.headers["access-control-expose-headers"] == "etag"


def test_a_request_above_ten_megabytes_is_refused(stack: Stack, client: httpx.Client) -> None:
    answer = client.post("/do", content=b"x" * (10 * 1024 * 1024 + 1), headers={"Authorization": f"Bearer {stack.issuer.token('ada')}"})

    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["die", "shapeless"])
def test_a_function_that_fails_is_the_gateways_own_error(act: Act, name: str) -> None:
    answer = act(name)

    assert (answer.status_code, answer.content) == (500, b'{"message":"Internal Server Error"}')
    assert act("get_item", owner="nobody").status_code == 200


def test_a_function_that_exceeds_its_timeout_is_stopped_and_started_again(act: Act) -> None:
    late = act("sleep", seconds=20)

    assert late.status_code == 500
    assert act("get_item", owner="nobody").status_code == 200


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("put_object", {"key": "mine/a"}),
        ("put_item", {"owner": "ada"}),
        ("get_item", {"owner": "ada"}),
        ("record", {}),
        ("secret", {}),
        ("invoke", {}),
    ],
)
def test_actions_that_the_role_allows_succeed(act: Act, name: str, arguments: dict[str, Any]) -> None:
    assert act(name, **arguments).status_code == 200


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("put_object", {"key": "models/latest"}),
        ("get_object", {"key": "decisions/x"}),
        ("scan", {}),
        ("invoke", {"name": "fieldwise-local-training-function"}),
        ("invoke", {"name": "fieldwise-local-inference-function"}),
    ],
)
def test_actions_that_the_role_does_not_allow_are_denied(act: Act, name: str, arguments: dict[str, Any]) -> None:
    answer = act(name, **arguments)

    assert (answer.status_code, answer.text) == (502, "403")


@pytest.mark.parametrize("name", ["no-such-function", "fieldwise-local-inference-function:no-such-alias"])
def test_a_function_that_does_not_exist_is_not_found(act: Act, name: str) -> None:
    answer = act("invoke", name=name)

    assert (answer.status_code, answer.text) == (502, "404")


def test_an_image_function_has_the_files_its_dockerfile_copies_and_no_others(act: Act) -> None:
    answer = json.loads(act("invoke").json()["payload"])

    assert answer["arn"].endswith(":function:fieldwise-local-inference-function:live")
    assert set(answer["seen"]) - {"__pycache__"} == {"fieldwise_common", "inference.py", "training.py"}


def test_a_handlers_error_reaches_its_caller_in_lambdas_format(act: Act) -> None:
    answer = act("invoke", fail=True).json()

    error = json.loads(answer["payload"])
    assert answer["error"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "asked to fail")


def run(stack: Stack, mode: str) -> tuple[Outcome, list[str]]:
    states: list[str] = []
    return train(stack.admin, stack.running.state_machine_arn, mode, {}, states.append), states


def test_an_execution_passes_its_states_and_publishes(stack: Stack) -> None:
    outcome, states = run(stack, "build-index")

    assert (outcome.status, outcome.exit_code) == ("SUCCEEDED", 0)
    assert states == ["measure", "publish", "Promoted"]
    assert outcome.result["version"].startswith("embeddings_v")


def test_a_rejected_smoke_test_is_a_success(stack: Stack) -> None:
    outcome, states = run(stack, "smoke-test")

    assert states[-1] == "Rejected"
    assert outcome.exit_code == 0


def test_a_failing_step_fails_the_execution_with_its_error(stack: Stack) -> None:
    outcome, states = run(stack, "full-train")

    assert (outcome.status, outcome.exit_code, outcome.step) == ("FAILED", 1, "measure")
    assert outcome.result == {"error": "CanonicalBroken", "cause": "en.json, given-name: not a list"}
    assert states == ["measure"]


def test_a_second_start_under_the_name_of_an_execution_starts_nothing(stack: Stack) -> None:
    client, machine = stack.admin.client("stepfunctions"), stack.running.state_machine_arn
    start = partial(client.start_execution, stateMachineArn=machine, name="nightly")

    first = start(input='{"mode": "smoke-test", "parameters": {}}')["executionArn"]

    with pytest.raises(client.exceptions.ClientError, match="ExecutionAlreadyExists"):
        start(input='{"mode": "full-train", "parameters": {}}')
    while client.describe_execution(executionArn=first)["status"] == "RUNNING":
        time.sleep(0.1)
    with pytest.raises(client.exceptions.ClientError, match="ExecutionAlreadyExists"):
        start(input='{"mode": "smoke-test", "parameters": {}}')
    named = [one for one in client.list_executions(stateMachineArn=machine)["executions"] if one["name"] == "nightly"]
    assert [one["status"] for one in named] == ["SUCCEEDED"]
