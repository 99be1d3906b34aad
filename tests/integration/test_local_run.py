"""`make run` from start to stop, on the miniature system."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import httpx
import pytest
from tests.support.local_world import tiny_config

from local.refusal import Refusal
from local.run import publish_first_version
from local.stack import Stack
from local.state_folder import StateFolder, find_running
from local.template.lint import fingerprint, last_passed, remember_passed
from local.train import train

ROOT = Path(__file__).parents[2]

RUN = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from local.cli import main
from local import cli, run
from tests.support.local_world import tiny_config
config = tiny_config(Path({folder!r}), **{parameters!r})
cli.app = lambda *_, **__: run.run(config)
main()
"""


def start(folder: Path, **parameters: str) -> "subprocess.Popen[str]":
    script = textwrap.dedent(RUN).format(root=str(ROOT), folder=str(folder), parameters=parameters)
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until_ready(process: "subprocess.Popen[str]") -> str:
    """The output until the stack is ready."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("In another terminal"):
            return "".join(lines)
    raise AssertionError("".join(lines) + (process.stderr.read() if process.stderr else ""))


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(child) for child in listed.stdout.split()]


def is_gone(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped miniature system that has linted its template and published a version."""
    root = tmp_path_factory.mktemp("published")
    config = tiny_config(root)
    remember_passed(config.state, fingerprint(config.template))
    stack = Stack(config)
    train(stack.admin, stack.running.state_machine_arn, "build-index", {}, lambda _: None)
    stack.stop()
    return root


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stack_publishes_serves_and_stops_everything_it_started(tmp_path: Path, how: signal.Signals) -> None:
    process = start(tmp_path)
    shown = wait_until_ready(process)
    url = find_running(StateFolder(tmp_path / "state")).api_url
    token = shown.partition("SUB=name`):\n")[2].split()[0]
    served = httpx.get(f"{url}/echo", headers={"Authorization": f"Bearer {token}"})
    command = shown[shown.index("curl -s") : shown.index("In another terminal")].replace("/api/autofill/classify", "/do")
    pasted = subprocess.run(["bash", "-c", command.strip()], capture_output=True, text=True, timeout=20)
    children = children_of(process.pid)

    process.send_signal(how)
    rest, errors = process.communicate(timeout=60)

    assert "Linting the template" in shown
    assert last_passed(StateFolder(tmp_path / "state")) == fingerprint(tmp_path / "project" / "template.yaml")
    assert "building the first one" in shown
    assert "publish" in shown
    assert served.status_code == 200
    assert pasted.stdout == '{"message":"Internal Server Error"}'  # it reached the miniature function, which has no such act
    assert children
    assert all(is_gone(child) for child in children)
    assert (process.returncode, rest.strip(), errors) == (0, "Stopping.", "")


def test_a_second_start_lints_and_builds_nothing_and_children_do_not_outlive_a_killed_parent(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "copy", symlinks=True)
    process = start(tmp_path / "copy")
    shown = wait_until_ready(process)
    children = children_of(process.pid)

    process.kill()
    process.communicate(timeout=60)

    assert "Linting" not in shown
    assert "building" not in shown
    assert "Checking embeddings_v" in shown
    assert children
    assert all(is_gone(child) for child in children)


def test_a_rejected_first_version_ends_the_startup_with_one_line(tmp_path: Path) -> None:
    process = start(tmp_path, MinAccuracy="0.95")

    _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert errors.startswith("✗ the first version was not published")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("pattern", "damage", "fault"),
    [
        ("encoder.onnx", None, "encoder.onnx is missing or truncated"),
        ("encoder.onnx", "mod", "encoder.onnx is missing or truncated"),
        ("latest", "{", "the pointer can't be parsed"),
        ("manifest.json", "{}", "manifest.json is not the one the pointer names"),
    ],
)
def test_a_damaged_version_is_named_with_what_to_delete(
    published: Path, tmp_path: Path, pattern: str, damage: str | None, fault: str
) -> None:
    shutil.copytree(published, tmp_path / "copy", symlinks=True)
    (path,) = (tmp_path / "copy" / "state" / "data").rglob(pattern)
    if damage is None:
        path.unlink()
    else:
        path.write_text(damage)
    stack = Stack(tiny_config(tmp_path / "copy"))

    with pytest.raises(Refusal, match=fault) as refused:
        publish_first_version(stack, StateFolder(tmp_path / "copy" / "state"))
    stack.stop()

    assert "delete " in str(refused.value)
    assert "\n" not in str(refused.value)
