"""What shows only once the embedded AWS is up is refused in one line too, and nothing of the start is left running."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.local_world import tiny_config

from local.places import Places
from local.refusal import Refusal
from local.run import publish_first_version
from local.stack import Stack, StackConfig

ROOT = Path(__file__).parents[2]


def children() -> set[str]:
    return set(subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, text=True).stdout.split())


def edited(config: StackConfig, old: str, new: str) -> StackConfig:
    written = config.template.read_text("utf-8")
    assert old in written
    template = config.places.root.parent / "edited.yaml"
    template.write_text(written.replace(old, new), "utf-8")
    return replace(config, template=template, root=config.root or config.template.parent)


def refusal_of(config: StackConfig) -> str:
    before = children()
    with pytest.raises(Refusal) as refused:
        Stack(config)
    assert len(children() - before) <= 1  # ps itself
    assert not config.places.running.exists()
    assert not config.places.is_held()
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "function", "said"),
    [
        ("          PROFILES_TABLE: !Ref ProfilesTable\n", "", "Backend", "PROFILES_TABLE: Field required"),
        ("MODEL_POLL_SECONDS: !Ref ModelPollSeconds", "MODEL_POLL_SECONDS: -1", "Inference", "MODEL_POLL_SECONDS: Input should be greater"),
        ("fieldwise_backend.handler.lambda_handler", "fieldwise_backend.handler.handler", "Backend", "Handler 'handler' missing on module"),
    ],
)
def test_a_function_that_does_not_start_is_refused_in_its_own_words(tmp_path: Path, old: str, new: str, function: str, said: str) -> None:
    refusal = refusal_of(edited(StackConfig(ROOT / "template.yaml", Places(tmp_path / "state")), old, new))

    assert refusal.startswith(f"the template's Resources.{function}Function: it does not start: ")
    assert said in refusal
    assert refusal.endswith(f"(see {tmp_path / 'state' / 'logs' / f'{function.lower()}.log'})")


def test_what_the_embedded_aws_does_not_take_is_named(tmp_path: Path) -> None:
    refusal = refusal_of(edited(tiny_config(tmp_path), "Prefix: decisions/", "Prefix: true"))

    assert refusal.startswith("the template's Resources.DecisionStream: it can't be made: Parameter validation failed: Invalid type")


def test_a_template_that_names_no_model_store_is_refused(tmp_path: Path) -> None:
    config = edited(tiny_config(tmp_path), "MODEL_STORE", "STORE")
    stack = Stack(config)

    with pytest.raises(Refusal, match="no function of the template has MODEL_STORE"):
        publish_first_version(stack, config.places)
    stack.stop()
