from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.support.server import Answer, Server
from tests.unit.backend.conftest import Lines
from tests.unit.backend.test_autofill_routes import logged_rows

from fieldwise_backend.autofill.known_ids import CACHE_SECONDS, KnownIdCheck
from fieldwise_common.errors import InferenceUnavailable, InvalidRequest
from fieldwise_common.wire import KnownIds


def give(api: TestClient, canonical: str = "email", corrected_to: str = "") -> Any:
    body = {"selector": "#a", "canonical": canonical, "feedback": "incorrect", "corrected_to": corrected_to}
    return api.post("/api/autofill/feedback", json=body)


def asked(server: Server) -> int:
    return sum(received.path == "/ml/ids" for received in server.received)


@pytest.mark.parametrize(
    ("canonical", "corrected_to", "pointers"),
    [
        ("emial", "", ["/canonical"]),
        ("email", "emial", ["/corrected_to"]),
        ("emial", "tle", ["/canonical", "/corrected_to"]),
        ("email", "none:sarch", ["/corrected_to"]),
        ("email", "first_name", ["/corrected_to"]),
    ],
)
def test_feedback_on_an_id_that_the_live_version_does_not_know_is_refused_and_not_logged(
    api: TestClient, server: Server, canonical: str, corrected_to: str, pointers: list[str]
) -> None:
    answer = give(api, canonical, corrected_to)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
    assert "knows no id" in answer.json()["errors"][0]["detail"]
    assert logged_rows() == []


@pytest.mark.parametrize(("canonical", "corrected_to"), [("email", "tel"), ("none", "email"), ("email", "none"), ("email", "none:search")])
def test_known_ids_none_and_negative_ids_are_accepted(api: TestClient, server: Server, canonical: str, corrected_to: str) -> None:
    assert give(api, canonical, corrected_to).status_code == 202


def test_the_ids_are_read_with_the_callers_token_and_once(api: TestClient, server: Server) -> None:
    for _ in range(3):
        give(api, "email")

    assert asked(server) == 1
    assert server.last("/ml/ids").headers["authorization"] == api.headers["Authorization"]


def test_an_id_that_a_new_version_brought_is_accepted_at_once(api: TestClient, server: Server) -> None:
    give(api, "email")
    server.answers["/ml/ids"] = Answer(body={"model_version": "embeddings_v2", "ids": ["email", "vat-id"]})

    assert give(api, "vat-id").status_code == 202
    assert asked(server) == 2


def test_without_inference_ids_of_the_catalogue_are_accepted_and_others_are_a_503(api: TestClient, server: Server, logged: Lines) -> None:
    server.answers["/ml/ids"] = Answer(500, "crash")

    listed, other = give(api, "given-name"), give(api, "vat-id")

    assert listed.status_code == 202
    assert (other.status_code, other.json()["type"]) == (503, "urn:fieldwise:problem:inference-unavailable")
    assert "retry-after" in other.headers
    assert [row.predicted for row in logged_rows()] == ["given-name"]


def test_feedback_without_an_id_needs_no_inference(api: TestClient, server: Server) -> None:
    server.answers["/ml/ids"] = Answer(500, "crash")

    assert give(api, "none", "none").status_code == 202
    assert asked(server) == 0


class Versions:
    """Inference with one version after another; None: it can't be reached."""

    def __init__(self, *versions: tuple[str, ...] | None) -> None:
        self.left = list(versions)

    def ids(self, authorization: str) -> KnownIds:
        ids = self.left.pop(0)
        if ids is None:
            raise InferenceUnavailable("inference can't be reached")
        return KnownIds(model_version="v", ids=ids)


def test_ids_are_read_again_when_they_are_old() -> None:
    time, inference = [0.0], Versions(("one",), ("two",))
    check = KnownIdCheck(inference, lambda: time[0])  # type: ignore[arg-type]  # only `ids` is called
    check.require_known({"/canonical": "one"}, "")

    time[0] = CACHE_SECONDS - 1
    check.require_known({"/canonical": "one"}, "")
    time[0] = CACHE_SECONDS
    with pytest.raises(InvalidRequest, match="/canonical"):
        check.require_known({"/canonical": "one"}, "")

    assert inference.left == []


def test_ids_read_before_an_outage_are_accepted_during_it() -> None:
    time, inference = [0.0], Versions(("one",), None, None)
    check = KnownIdCheck(inference, lambda: time[0])  # type: ignore[arg-type]  # only `ids` is called
    check.require_known({"/canonical": "one"}, "")

    time[0] = CACHE_SECONDS
    check.require_known({"/canonical": "one"}, "")

    with pytest.raises(InferenceUnavailable):
        check.require_known({"/canonical": "two"}, "")
