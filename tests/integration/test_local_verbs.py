"""The command line: its output and exit codes."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from tests.support.local_world import tiny_config
from tests.support.server import Answer, running_server
from tests.support.tiny_version import publish
from typer.testing import CliRunner

from fieldwise_common.store.folder import FolderObjects
from local.cli import app
from local.console import out
from local.demo import form_table, run_demo
from local.operate import environment
from local.refusal import Refusal
from local.stack import Stack
from local.state_folder import Running, StateFolder, find_running
from local.train import Outcome, connect, model_store, outcome_table, train

ROOT = Path(__file__).parents[2]
VERBS = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running miniature system."""
    root = tmp_path_factory.mktemp("verbs")
    stack = Stack(tiny_config(root))
    yield root / "state"
    stack.stop()


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("verb", ["token", "try", "train", "shadow", "replay", "why"])
def test_without_a_running_stack_a_command_refuses_in_one_line(tmp_path: Path, verb: str) -> None:
    done = python("-m", "local", verb, "--state", str(tmp_path))

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("✗ no stack is running here")
    assert done.stderr.count("\n") == 1


def test_a_busy_port_is_reported_in_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        done = python("-m", "local", "run", "--port", str(port), "--state", str(tmp_path / "state"))

    assert done.returncode == 2
    assert done.stderr.startswith(f"✗ port {port} can't be used")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("parameter", ["MinAccuracy", "=0.9"])
def test_a_parameter_without_a_name_or_a_value_is_reported_in_one_line(tmp_path: Path, parameter: str) -> None:
    done = python("-m", "local", "run", "--parameter", parameter, "--state", str(tmp_path))

    assert (done.returncode, done.stderr) == (2, f"✗ {parameter!r} is not a parameter: write Name=value\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--port", "99999"], "Invalid value for '--port'"),
        (["run", "--port", "-1"], "Invalid value for '--port'"),
        (["run", "--port", "three"], "Invalid value for '--port'"),
        (["run", "--prot", "3000"], "No such option: --prot"),
        (["train", "--mode"], "Option '--mode' requires an argument."),
        (["dance"], "No such command 'dance'."),
    ],
)
def test_a_malformed_command_line_is_reported_in_one_line(arguments: list[str], message: str) -> None:
    done = python("-m", "local", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"✗ {message}")
    assert done.stderr.count("\n") == 1


def test_without_a_command_all_commands_are_listed() -> None:
    done = python("-m", "local")

    assert (done.returncode, done.stderr) == (0, "")
    assert [verb for verb in ("run", "sam-local", "token", "try", "train") if verb not in done.stdout] == []


def test_a_token_names_the_given_user_and_is_accepted_by_the_running_stack(folder: Path) -> None:
    done = VERBS.invoke(app, ["token", "--sub", "grace", "--state", str(folder)])

    url = find_running(StateFolder(folder)).api_url
    echoed = httpx.get(f"{url}/echo", headers={"Authorization": f"Bearer {done.stdout.strip()}"})
    assert echoed.json()["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] == "grace"


def test_an_admins_token_has_the_scope(folder: Path) -> None:
    done = VERBS.invoke(app, ["token", "--admin", "--state", str(folder)])

    url = find_running(StateFolder(folder)).api_url
    assert httpx.get(f"{url}/admin", headers={"Authorization": f"Bearer {done.stdout.strip()}"}).status_code == 200


def test_a_training_shows_its_states_and_its_outcome(folder: Path) -> None:
    with out.capture() as captured:
        done = VERBS.invoke(app, ["train", "--mode", "smoke-test", "--state", str(folder)])

    shown = captured.get()
    assert done.exit_code == 0
    assert [word for word in ("measure", "Rejected", "SUCCEEDED", "smoke-test") if word not in shown] == []


def test_a_failed_training_is_exit_code_1_and_shows_the_failed_step_and_its_error(folder: Path) -> None:
    with out.capture() as captured:
        done = VERBS.invoke(app, ["train", "--mode", "full-train", "--state", str(folder)])

    assert done.exit_code == 1
    assert "en.json, given-name: not a list" in captured.get()
    assert "✗ measure" in captured.get()


REPORT = b"<!doctype html><title>a report</title>"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser was asked to open, on a machine with a display."""
    found: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", found.append)
    return found


def test_the_report_of_the_newest_version_of_the_running_stack_is_fetched_and_opened(
    folder: Path, tmp_path: Path, opened: list[str]
) -> None:
    name = publish(model_store(find_running(StateFolder(folder))).objects, tmp_path, instead={"report.html": REPORT})

    with out.capture() as captured:
        done = VERBS.invoke(app, ["report", "--state", str(folder)])

    path = folder / "reports" / f"{name}.html"
    assert (done.exit_code, path.read_bytes(), opened) == (0, REPORT, [path.as_uri()])
    assert captured.get().splitlines() == [f"{name} (good enough, live): a test's version", str(path)]


def test_without_a_running_stack_the_report_is_read_from_what_it_has_saved(tmp_path: Path, opened: list[str]) -> None:
    objects = FolderObjects(tmp_path / "state" / "data" / "s3" / "bucket" / "models")
    first, second = (publish(objects, tmp_path, run_id, instead={"report.html": REPORT}) for run_id in ("first", "second"))

    for arguments, name in (([], max(first, second)), ([first], first)):
        done = VERBS.invoke(app, ["report", *arguments, "--no-open", "--state", str(tmp_path / "state")])

        assert done.exit_code == 0
        assert (tmp_path / "state" / "reports" / f"{name}.html").read_bytes() == REPORT
    assert opened == []


def test_without_a_display_no_browser_is_started(tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    publish(FolderObjects(tmp_path / "state/data/s3/bucket/models"), tmp_path, instead={"report.html": REPORT})

    assert VERBS.invoke(app, ["report", "--state", str(tmp_path / "state")]).exit_code == 0
    assert opened == []


@pytest.mark.parametrize(
    ("version", "message"), [([], "there is no version in"), (["embeddings_v20200101T000000Z-000000"], "there is no version in")]
)
def test_a_report_that_does_not_exist_is_refused_in_one_line(tmp_path: Path, version: list[str], message: str) -> None:
    done = python("-m", "local", "report", *version, "--state", str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"✗ {message}")
    assert done.stderr.count("\n") == 1


def test_an_unknown_version_is_refused_by_its_name(tmp_path: Path) -> None:
    publish(FolderObjects(tmp_path / "state/data/s3/bucket/models"), tmp_path)

    with pytest.raises(Refusal, match=r"^'nonsense' is not a version's name$"):
        VERBS.invoke(app, ["report", "nonsense", "--state", str(tmp_path / "state")], catch_exceptions=False)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome("SUCCEEDED", {"mode": "build-index", "promoted": True}), 0),
        (Outcome("SUCCEEDED", {"mode": "build-index", "promote": False, "reason": "0.7 is below the required 0.8"}), 3),
        (Outcome("SUCCEEDED", {"mode": "smoke-test", "promote": False, "reason": "smoke-test"}), 0),
        (Outcome("SUCCEEDED", {"mode": "build-index", "promoted": False, "superseded": True}), 4),
        (Outcome("FAILED", {"error": "X"}), 1),
        (Outcome("TIMED_OUT", {}), 1),
    ],
)
def test_the_exit_code_distinguishes_promoted_rejected_superseded_and_failed(outcome: Outcome, code: int) -> None:
    assert outcome.exit_code == code


def test_an_unknown_mode_is_the_workflows_to_refuse(folder: Path) -> None:
    running = find_running(StateFolder(folder))

    outcome = train(connect(running), running.state_machine_arn, "no such mode: " + "x" * 80, {}, lambda _: None)

    assert outcome.result["mode"].startswith("no such mode: x")


def test_a_stack_that_stops_responding_is_reported_in_one_line() -> None:
    gone = Running(1, "", "http://127.0.0.1:9", "us-east-1", "key", "secret", "arn:aws:states:us-east-1:1:stateMachine:x", "", "")

    with pytest.raises(Refusal, match="stopped answering"):
        train(connect(gone), gone.state_machine_arn, "build-index", {}, lambda _: None)


def test_a_cause_that_is_not_json_is_shown_as_it_is() -> None:
    table = outcome_table(
        Outcome("FAILED", {"error": "States.Timeout", "cause": "[late]", "pi": 3.14159, "more": {"not": "shown"}}, "load")
    )

    shown = rendered(table)
    assert "[late]" in shown
    assert "3.1416" in shown
    assert "not" not in shown


def rendered(table: object) -> str:
    console = Console(width=160)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


FORM = {"fields": [{"selector": "#a"}, {"selector": 'input[name="b"]'}, {"selector": "#c"}, {"selector": "#a"}]}
CLASSIFIED = {
    "model_version": "v1",
    "matches": [
        {"selector": "#a", "canonical": "email", "score": 0.987, "method": "lexical-exact"},
        {"selector": 'input[name="b"]', "canonical": "tel", "score": 0.5, "method": "semantic"},
    ],
}
FILLED = {"fills": [{"selector": "#a", "value": "a@b.example"}], "unfilled": [{"selector": 'input[name="b"]', "reason": "no-value"}]}


def test_the_demo_shows_a_row_per_field_with_canonical_id_score_method_and_value() -> None:
    shown = [line for line in rendered(form_table("form", FORM, CLASSIFIED, FILLED)).splitlines() if line.startswith("│")]

    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in shown]
    assert cells == [
        ["#a", "email", "0.99", "lexical-exact", "a@b.example"],
        ['input[name="b"]', "tel", "0.50", "semantic", "no-value"],
        ["#c", "—", "", "", ""],
    ]


def test_the_demo_stores_the_profile_and_sends_every_form(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "profile.json").write_text('{"name": {"given": "Ada"}}')
    (tmp_path / "forms" / "one.json").write_text(json.dumps(FORM))
    with running_server() as server:
        server.answers["/api/profile"] = Answer(204, b"")
        server.answers["/api/autofill/classify"] = Answer(200, CLASSIFIED)
        server.answers["/api/autofill/fill"] = Answer(200, FILLED)

        with out.capture() as captured:
            run_demo(server.url, "token", tmp_path)

    assert [(r.method, r.path) for r in server.received] == [
        ("PUT", "/api/profile"),
        ("POST", "/api/autofill/classify"),
        ("POST", "/api/autofill/fill"),
    ]
    assert server.received[2].json() == {"matches": CLASSIFIED["matches"]}
    assert {r.headers["authorization"] for r in server.received} == {"Bearer token"}
    assert "a@b.example" in captured.get()


def test_an_error_of_the_api_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text("{}")
    with running_server() as server:
        server.answers["/api/profile"] = Answer(422, {"detail": "wrong: /name"})

        with pytest.raises(Refusal, match=r"PUT /api/profile: 422 .*wrong: /name"):
            run_demo(server.url, "token", tmp_path)


def test_an_unreachable_api_or_a_malformed_example_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"profile\.json can't be read"):
        run_demo("http://127.0.0.1:9", "token", tmp_path)
    (tmp_path / "profile.json").write_text("{}")
    with pytest.raises(Refusal, match="no answer"):
        run_demo("http://127.0.0.1:9", "token", tmp_path)


def test_the_shipped_forms_hold_what_real_pages_send() -> None:
    for path in sorted((ROOT / "examples" / "forms").glob("*.json")):
        fields = json.loads(path.read_text())["fields"]

        assert 15 <= len(fields) <= 25
        assert {"select-one", "submit"} <= {field["type"] for field in fields}
        assert "checkbox" in {field["type"] for field in fields}


def test_an_operators_command_acts_on_the_running_stacks_own_store_and_log(folder: Path) -> None:
    shown = python("-m", "local", "shadow", "--state", str(folder))
    replayed = python("-m", "local", "replay", "--state", str(folder), "--limit", "0")
    explained = python("-m", "local", "why", "--state", str(folder), f"{'0' * 32}.{'0' * 16}.0")
    unknown = python("-m", "local", "shadow", "embeddings_v20200101T000000Z-000000", "--state", str(folder))

    assert (shown.returncode, shown.stdout) == (0, "no version is in shadow\n")
    assert (replayed.returncode, replayed.stderr.count("\n")) == (2, 1)
    assert (explained.returncode, explained.stderr.count("\n")) == (1, 1)
    assert explained.stderr.startswith("s3://")
    assert (unknown.returncode, unknown.stderr) == (
        1,
        "embeddings_v20200101T000000Z-000000 has no manifest: it is missing or was never sealed\n",
    )


def test_it_gets_the_stacks_addresses_and_credentials(folder: Path) -> None:
    running = find_running(StateFolder(folder))

    given = environment(running)

    assert given["MODEL_STORE"] == running.model_store
    assert given["FEEDBACK_LOG"] == running.model_store.removesuffix("models") + "decisions/"
    assert given["AWS_ENDPOINT_URL"] == running.aws_url
