"""The load benchmark against an embedded stack with the real template and handlers: a promotion in the middle drops and changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from benchmarks.load.__main__ import run
from benchmarks.load.target import MODELS, RUN_ID, Target
from benchmarks.shared.cut_forms import CutForm
from tests.support.tiny_version import publish

from fieldwise_common.store.folder import FolderObjects
from fieldwise_common.wire import FieldDescriptor
from local.stack import Stack, StackConfig
from local.state_folder import StateFolder
from local.train import model_store

ROOT = Path(__file__).parents[2]
FORMS = [CutForm([FieldDescriptor(selector="#a", label=label)]) for label in ("Email", "First name", "Remote office")]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    state = StateFolder(tmp_path / "state")
    publish(FolderObjects(state.root / MODELS), tmp_path / "scratch")
    running = Stack(StackConfig(ROOT / "template.yaml", state))
    yield running
    running.stop()


def test_a_load_with_a_promotion_leaves_the_stack_as_it_was(stack: Stack) -> None:
    store = model_store(stack.running)
    live = store.published().pointer.version
    target = Target(stack.running, stack.issuer)

    first = run(target, 4, 2, FORMS)
    again = run(target, 4, 2, FORMS)

    assert (first.whole.errors, first.mixed, first.changed, first.fields) == ({}, 0, 0, 1)
    assert first.whole.requests == sum(part.requests for part in first.stretches.values()) > 0
    assert (first.before, again.before, store.published().pointer.version) == (live, live, live)
    assert again.promoted == first.promoted != live
    assert set(store.versions()) == {live, first.promoted}
    assert [(move.version, move.promoted_by) for move in store.history()][1:] == [(first.promoted, RUN_ID), (live, RUN_ID)] * 2
    token = stack.issuer.token("bench-load-0")
    memory = httpx.get(f"{stack.url}/api/autofill/memory", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert memory.json()["sites"] == []
