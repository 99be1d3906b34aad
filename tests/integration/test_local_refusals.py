"""An invalid template gives one line that names the resource, and exit code 2, and leaves nothing running."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.local_world import TEMPLATE, tiny_config, tiny_project

from local.refusal import Refusal
from local.run import publish_first_version
from local.stack import Stack, StackConfig
from local.state_folder import StateFolder

ROOT = Path(__file__).parents[2]

COMMAND = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from local import cli
cli.ROOT = Path({project!r})
sys.argv = ["local", "run", "--port", "0", "--state", {state!r}]
cli.main()
"""
EDITS = {
    "not YAML": ("Resources:\n", "Resources: [\n", "template.yaml is not YAML: line "),
    "no Resources": ("Resources:\n", "Rsources:\n", "template.yaml has no Resources"),
    "a wrong reference": (
        "TABLE: !Ref ProfilesTable",
        "TABLE: !Ref Profiles",
        "Resources.BackendFunction.Properties.Environment.Variables.TABLE",
    ),
    "a type misspelt": ("DynamoDB::Table", "DynamoDB::Tabel", "Resources.ProfilesTable.Type: "),
    "a property misspelt": ("BillingMode", "BilingMode", "Resources.ProfilesTable.Properties.BilingMode: "),
    "a property missing": (
        "        RoleARN: !GetAtt StreamRole.Arn\n",
        "",
        "Resources.DecisionStream.Properties.ExtendedS3DestinationConf",
    ),
    "a wrong output": ("Resources:\n", "Outputs: { One: { Value: !Ref Nobody } }\nResources:\n", "Outputs.One.Value"),
    "a handler without a module": ("backend.handler", "back.handler", "Resources.BackendFunction: its handler back.handler has no module"),
    "a type the embedded AWS rejects": ("Prefix: decisions/", "Prefix: true", "Resources.DecisionStream"),
}


def start(folder: Path, old: str, new: str) -> "subprocess.Popen[str]":
    """`make run`, on the miniature system with an edited template."""
    template = tiny_project(folder / "project")
    assert old in TEMPLATE
    template.write_text(TEMPLATE.replace(old, new, 1), "utf-8")
    script = COMMAND.format(root=str(ROOT), project=str(template.parent), state=str(folder / "state"))
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "subprocess.Popen[str]"]]:
    """One process per edit, all started at once: most of the time is the linter's startup."""
    processes = {name: start(tmp_path_factory.mktemp("edit"), old, new) for name, (old, new, _) in EDITS.items()}
    yield processes
    for process in processes.values():
        process.kill()
        process.wait(20)


def is_empty(session: int) -> bool:
    """Whether no process of a session is left."""
    return subprocess.run(["ps", "-o", "pid=", "-s", str(session)], capture_output=True, text=True).stdout.strip() == ""


@pytest.mark.parametrize("edit", EDITS)
def test_a_wrong_edit_ends_make_run_with_one_line_and_exit_code_2(refused: dict[str, "subprocess.Popen[str]"], edit: str) -> None:
    process = refused[edit]

    _, errors = process.communicate(timeout=120)

    assert errors.startswith("✗ ")
    assert EDITS[edit][2] in errors
    assert (process.returncode, errors.count("\n")) == (2, 1)
    assert is_empty(process.pid)


def children() -> set[str]:
    return set(subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, text=True).stdout.split())


def edited(config: StackConfig, old: str, new: str) -> StackConfig:
    written = config.template.read_text("utf-8")
    assert old in written
    template = config.state.root.parent / "edited.yaml"
    template.write_text(written.replace(old, new), "utf-8")
    return replace(config, template=template, root=config.root or config.template.parent)


def refusal_of(config: StackConfig) -> str:
    before = children()
    with pytest.raises(Refusal) as refused:
        Stack(config)
    assert len(children() - before) <= 1  # ps itself
    assert not config.state.running.exists()
    assert not config.state.is_held()
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "function", "message"),
    [
        ("          PROFILES_TABLE: !Ref ProfilesTable\n", "", "Backend", "PROFILES_TABLE: Field required"),
        (
            "MODEL_POLL_SECONDS: !FindInMap [Sizes, ModelPollSeconds, !Ref Size]",
            "MODEL_POLL_SECONDS: -1",
            "Inference",
            "MODEL_POLL_SECONDS: Input should be greater",
        ),
        ("fieldwise_backend.handler.lambda_handler", "fieldwise_backend.handler.handler", "Backend", "Handler 'handler' missing on module"),
    ],
)
def test_a_function_that_does_not_start_is_refused_with_its_own_error(
    tmp_path: Path, old: str, new: str, function: str, message: str
) -> None:
    refusal = refusal_of(edited(StackConfig(ROOT / "template.yaml", StateFolder(tmp_path / "state")), old, new))

    assert refusal.startswith(f"the template's Resources.{function}Function: it does not start: ")
    assert message in refusal
    assert refusal.endswith(f"(see {tmp_path / 'state' / 'logs' / f'{function.lower()}.log'})")


def test_a_resource_that_the_embedded_aws_rejects_is_named(tmp_path: Path) -> None:
    refusal = refusal_of(edited(tiny_config(tmp_path), "Prefix: decisions/", "Prefix: true"))

    assert refusal.startswith(
        "the template's Resources.DecisionStream: the embedded AWS rejects it: Parameter validation failed: Invalid type"
    )


def test_a_template_without_a_model_store_is_refused(tmp_path: Path) -> None:
    config = edited(tiny_config(tmp_path), "MODEL_STORE", "STORE")
    stack = Stack(config)

    with pytest.raises(Refusal, match="no function of the template has MODEL_STORE"):
        publish_first_version(stack, config.state)
    stack.stop()
