"""The real template with one policy statement removed: the real handlers are denied what it allowed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.support.local_world import tiny_config
from tests.support.tiny_version import publish
from tests.support.versions import sealed_version
from tests.support.workflow import begun, execute

from fieldwise_common.auth import ADMIN_SCOPE
from fieldwise_common.store.folder import FolderObjects
from local.stack import Stack, StackConfig
from local.state_folder import StateFolder
from local.train import model_store, train

ROOT = Path(__file__).parents[2]
BUCKET = "fieldwise-local-data-bucket"
FORM = {"fields": [{"selector": "#e", "label": "Email"}], "page": {"origin": "https://shop.example"}}
WRONG = {"selector": "#e", "canonical": "email", "feedback": "incorrect", "corrected_to": "none", "url": "https://shop.example/x"}
OVERRIDE = {"origin": "https://shop.example", "canonical": "none", "why": "to see it work", "field": FORM["fields"][0]}


def without(sid: str) -> str:
    """The template's text with the statement of this Sid replaced by a harmless one."""
    lines = (ROOT / "template.yaml").read_text().splitlines(keepends=True)
    (start,) = [number for number, line in enumerate(lines) if line.strip() == f"- Sid: {sid}"]
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = next(n for n in range(start + 1, len(lines)) if len(lines[n]) - len(lines[n].lstrip()) <= indent)
    harmless = f"{' ' * indent}- {{ Effect: Allow, Action: sts:GetCallerIdentity, Resource: '*' }}\n"
    return "".join([*lines[:start], harmless, *lines[end:]])


@contextmanager
def stack_of(template: str, folder: Path) -> Iterator[httpx.Client]:
    """The real system from a template's text, with a tiny version published, for a user with the admin scope."""
    (folder / "template.yaml").write_text(template)
    state = StateFolder(folder / "state")
    publish(FolderObjects(state.data / "s3" / BUCKET / "models"), folder / "scratch")
    stack = Stack(StackConfig(folder / "template.yaml", state, root=ROOT))
    try:
        token = stack.issuer.token("ada", ADMIN_SCOPE)
        with httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, timeout=40) as client:
            yield client
    finally:
        stack.stop()


def decisions(folder: Path) -> list[Path]:
    return [path for path in (folder / "state" / "data" / "s3" / BUCKET / "decisions").rglob("*") if path.is_file()]


def test_the_whole_template_allows_what_the_api_does(tmp_path: Path) -> None:
    with stack_of((ROOT / "template.yaml").read_text(), tmp_path) as client:
        stored = client.put("/api/profile", json={"contact": {"email": "ada@example.com"}})
        classified = client.post("/api/autofill/classify", json=FORM)
        filled = client.post("/api/autofill/fill", json={"matches": classified.json()["matches"]})

    assert stored.is_success
    assert [match["canonical"] for match in classified.json()["matches"]] == ["email"]
    assert [fill["value"] for fill in filled.json()["fills"]] == ["ada@example.com"]
    assert len(decisions(tmp_path)) == 2


def test_a_correction_and_an_override_are_allowed_and_kept(tmp_path: Path) -> None:
    with stack_of((ROOT / "template.yaml").read_text(), tmp_path) as client:
        client.post("/api/autofill/classify", json=FORM)
        corrected = client.post("/api/autofill/feedback", json=WRONG)
        classified = client.post("/api/autofill/classify", json=FORM)
        remembered = client.get("/api/autofill/memory").json()["sites"]
        forgotten = client.delete("/api/autofill/memory")
        overridden = client.put("/api/autofill/overrides", json=OVERRIDE)
        listed = client.get("/api/autofill/overrides").json()["overrides"]
        query = {"origin": OVERRIDE["origin"], "signature": listed[0]["signature"]}
        deleted = client.delete("/api/autofill/overrides", params=query)

    assert corrected.json() == {"status": "accepted", "remembered": True}
    assert classified.json()["matches"] == []
    assert [(site["origin"], site["fields"][0]["canonical"]) for site in remembered] == [("https://shop.example", "none")]
    assert (forgotten.status_code, overridden.status_code, deleted.status_code) == (204, 200, 204)
    assert listed == [overridden.json()]


def test_without_its_statement_the_backend_may_not_remember_but_still_serves_the_request(tmp_path: Path) -> None:
    with stack_of(without("Memory"), tmp_path) as client:
        classified = client.post("/api/autofill/classify", json=FORM)
        corrected = client.post("/api/autofill/feedback", json=WRONG)

    assert classified.status_code == 200
    assert corrected.json() == {"status": "accepted", "remembered": False}


def test_without_its_statement_the_backend_may_not_write_an_override(tmp_path: Path) -> None:
    with stack_of(without("WriteOverrides"), tmp_path) as client:
        answer = client.put("/api/autofill/overrides", json=OVERRIDE)

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:fieldwise:problem:store-unavailable"


def test_without_its_statement_the_backend_may_not_store_a_profile(tmp_path: Path) -> None:
    with stack_of(without("Profiles"), tmp_path) as client:
        answer = client.put("/api/profile", json={"contact": {"email": "ada@example.com"}})

    assert answer.status_code >= 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_its_statement_the_backend_may_not_call_inference(tmp_path: Path) -> None:
    with stack_of(without("Inference"), tmp_path) as client:
        answer = client.post("/api/autofill/classify", json=FORM)

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:fieldwise:problem:inference-unavailable"


def test_without_its_statement_the_backend_may_not_write_the_log_but_still_serves_the_request(tmp_path: Path) -> None:
    with stack_of(without("Decisions"), tmp_path) as client:
        answer = client.post("/api/autofill/classify", json=FORM)

    assert answer.status_code == 200
    assert decisions(tmp_path) == []


def test_without_its_statement_inference_may_not_read_a_version(tmp_path: Path) -> None:
    with stack_of(without("Models"), tmp_path) as client:
        answer = client.post("/api/autofill/classify", json=FORM)

    assert answer.status_code == 503


def test_before_the_first_training_the_api_returns_no_version_published(tmp_path: Path) -> None:
    stack = Stack(StackConfig(ROOT / "template.yaml", StateFolder(tmp_path)))
    token = stack.issuer.token("ada")

    answer = httpx.post(f"{stack.url}/api/autofill/classify", json=FORM, headers={"Authorization": f"Bearer {token}"}, timeout=40)
    stack.stop()

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:fieldwise:problem:no-version-published"
    assert "no version published yet" in answer.json()["detail"]


def test_a_state_machine_whose_role_may_not_invoke_fails_at_its_first_step(tmp_path: Path) -> None:
    config = tiny_config(tmp_path)
    text = config.template.read_text()
    config.template.write_text(text.replace("Resource: !GetAtt TrainingFunction.Arn", "Resource: !GetAtt InferenceFunction.Arn"))
    stack = Stack(config)

    outcome = train(stack.admin, stack.running.state_machine_arn, "build-index", {}, lambda _: None)
    stack.stop()

    assert (outcome.status, outcome.step) == ("FAILED", "measure")
    assert "not authorized to perform: lambda:InvokeFunction" in outcome.result["cause"]


def test_without_its_statement_training_may_not_publish_but_the_run_ends_as_before(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(without("Publish"))
    folder = StateFolder(tmp_path / "state")
    publish(FolderObjects(folder.data / "s3" / BUCKET / "models"), tmp_path / "scratch")
    stack = Stack(StackConfig(tmp_path / "template.yaml", folder, root=ROOT))
    try:
        version = sealed_version(model_store(stack.running), "a-run")
        end, output = execute(stack, "gate", {**begun(stack), "version": version})
    finally:
        stack.stop()

    assert (end, output["promoted"]) == ("Promoted", True)
    assert not folder.events.exists()
    assert "event not published" in (folder.logs / "training.log").read_text("utf-8")


@pytest.mark.parametrize(
    "sid", ["Profiles", "Memory", "WriteOverrides", "Decisions", "UserHashKey", "Inference", "Models", "Steps", "Reload", "Publish"]
)
def test_the_statements_these_tests_remove_exist(sid: str) -> None:
    assert f"Sid: {sid}\n" not in without(sid)
