"""All of Fieldwise as it is deployed: the real template, handlers, base model and shipped data.

The steps of `make try`, then a correction, right at once for its user; two users more and a training by the state machine, and it is
right for a stranger.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.conftest import PROFILE, QUICK, ROOT, client_of
from tests.support.decisions import log_rows

from local.stack import Stack, StackConfig
from local.state_folder import StateFolder
from local.train import TrainingLog, model_store, train

FORMS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "examples" / "forms").glob("*.json"))}
ODD_FORM = {"fields": [{"selector": "#zq", "label": "Zorblax moniker", "name": "zq7", "type": "text"}]}
"""As the real client sends it: without a page."""

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    return StateFolder(tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def stack(state: StateFolder) -> Iterator[Stack]:
    running = Stack(StackConfig(template=ROOT / "template.yaml", state=state))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[httpx.Client]:
    with client_of(stack) as http:
        yield http


@pytest.fixture(scope="module")
def stranger(stack: Stack) -> Iterator[httpx.Client]:
    with client_of(stack, "stranger") as http:
        yield http


def correct(client: httpx.Client) -> None:
    """As the real client does: with the user's own value and a whole URL, without a decision id."""
    thumbs_down = {"selector": "#zq", "canonical": "none", "feedback": "incorrect", "corrected_to": "nickname", "value": "Sparky-the-first"}
    answer = client.post("/api/autofill/feedback", json={**thumbs_down, "url": "https://jobs.example/apply?token=abc"})
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted", "remembered": True})


def run_training(stack: Stack, mode: str, logs: Path) -> tuple[list[str], set[str]]:
    """Runs the state machine until a version is promoted; returns the states it passed and the kinds of progress it reported."""
    passed: list[str] = []
    reported: set[str] = set()
    log = TrainingLog(logs)

    def look() -> None:
        reported.update(report.work for report in log.new_reports())

    outcome = train(stack.admin, stack.running.state_machine_arn, mode, QUICK, passed.append, look)
    assert outcome.exit_code == 0, outcome
    return passed, reported


def matches_of(client: httpx.Client, form: Any) -> dict[str, Any]:
    answer = client.post("/api/autofill/classify", json=form)
    assert answer.status_code == 200, answer.text
    return {match["selector"]: match for match in answer.json()["matches"]}


def values_in(profile: Any) -> Iterator[str]:
    """The values that are private: a single common word ("LinkedIn", "Canada") may be on the page as well."""
    if isinstance(profile, dict | list):
        for value in profile.values() if isinstance(profile, dict) else profile:
            yield from values_in(value)
    elif isinstance(profile, str) and len(profile) > 5 and not profile.isalpha():
        yield profile


def test_a_newcomers_first_hour(stack: Stack, state: StateFolder, client: httpx.Client, stranger: httpx.Client) -> None:
    before_training = client.post("/api/autofill/classify", json=FORMS["checkout"])
    assert (before_training.status_code, before_training.json()["type"]) == (503, "urn:fieldwise:problem:no-version-published")

    states, reported = run_training(stack, "build-index", state.logs)
    distilling = {"parts of the encoder made", "tokens embedded", "texts distilled"}
    assert reported == distilling | {"texts embedded", "forms read", "epochs", "forms scored", "forms measured"}
    assert states[0] == "validate"
    assert {"ranker", "gate", "promote", "notify"} <= set(states)

    assert client.put("/api/profile", json=PROFILE).status_code == 200
    canonicals: set[str] = set()
    for form in FORMS.values():
        matches = matches_of(client, form)
        canonicals |= {match["canonical"] for match in matches.values()}
        filled = client.post("/api/autofill/fill", json={"matches": list(matches.values())}).json()
        assert {f["selector"] for f in filled["fills"]} | {u["selector"] for u in filled["unfilled"]} == set(matches)
        assert all(fill["value"] for fill in filled["fills"])
        assert len(filled["fills"]) >= len(matches) / 2
    assert {"given-name", "family-name", "email", "postal-code", "linkedin-url", "work-authorization"} <= canonicals

    assert matches_of(client, ODD_FORM) == {}
    correct(client)
    mine = matches_of(client, ODD_FORM)["#zq"]
    assert (mine["canonical"], mine["method"]) == ("nickname", "remembered")
    assert matches_of(stranger, ODD_FORM) == {}

    for user in ("bea", "cem"):
        with client_of(stack, user) as agreeing:
            assert matches_of(agreeing, ODD_FORM) == {}
            correct(agreeing)
    states, _ = run_training(stack, "build-index-feedback", state.logs)
    assert "promote" in states

    agreed = matches_of(stranger, ODD_FORM)["#zq"]
    assert (agreed["canonical"], agreed["method"], agreed["confidence_signals"]) == ("nickname", "site", ["site:nickname@3+0-"])
    assert matches_of(stranger, {**ODD_FORM, "page": {"origin": "https://elsewhere.example"}}) == {}
    assert matches_of(client, ODD_FORM)["#zq"]["method"] == "remembered"
    rows = log_rows(stack)
    assert {row.route for row in rows} == {"classify", "fill", "feedback"}
    assert {row.model_version for row in rows if row.route == "classify"} == set(stack_versions(stack))
    logged = "\n".join("\n".join(json.dumps(getattr(row, column)) for column in row.__slots__) for row in rows)
    on_the_page = json.dumps(FORMS)  # a list of countries has the user's too
    private = [value for value in values_in(PROFILE) if value not in on_the_page]
    assert [value for value in [*private, "Sparky", "token=abc"] if value in logged] == []


def stack_versions(stack: Stack) -> list[str]:
    return list(model_store(stack.running).versions())
