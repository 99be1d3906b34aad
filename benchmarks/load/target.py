"""The stack under load, the one that runs or one of its own, and a second version to promote."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from fieldwise_common.errors import DataError, ModelError
from fieldwise_common.store.manifest import Manifest, Verdict, version_name
from fieldwise_common.store.model_store import ModelStore
from local.issuer import Issuer, open_issuer
from local.operate import reload
from local.refusal import Refusal
from local.state_folder import Running, StateFolder, find_running
from local.train import model_store

ROOT = Path(__file__).resolve().parents[2]
RUN_ID = "bench-load"
START_SECONDS = 300.0
MODELS = Path("data") / "s3" / "fieldwise-local-data-bucket" / "models"
"""Where a stack's state folder has its model store."""


@dataclass(frozen=True)
class Target:
    """A running stack."""

    running: Running
    issuer: Issuer

    def copied(self) -> tuple[str, str]:
        """The live version, and a copy of it under another name, ready to be promoted; of an earlier run, if there is one."""
        store = model_store(self.running)
        live = store.published().pointer.version
        original = store.manifest(live)
        for name in store.versions():
            if name != live and (found := _sealed(store, name)) and found.run_id == RUN_ID and found.files == original.files:
                return live, name
        return live, _copy(store, original)

    def promote(self, version: str, instead_of: str) -> None:
        """Makes a version live; inference answers every later request with it."""
        model_store(self.running).promote(version, RUN_ID, instead_of)
        reload(self.running)

    def roll_back(self, version: str) -> None:
        """Makes the first version live again."""
        model_store(self.running).roll_back(version, RUN_ID, "the end of a load test")
        reload(self.running)


def _sealed(store: ModelStore, name: str) -> Manifest | None:
    """The manifest of a version; None for one that is unfinished or damaged."""
    try:
        return store.manifest(name)
    except ModelError:
        return None


def _copy(store: ModelStore, original: Manifest) -> str:
    now = datetime.now(UTC)
    name = version_name("embeddings", now, RUN_ID)
    for file in original.files:
        store.objects.copy(f"{original.version}/{file}", f"{name}/{file}")
    verdict = Verdict(promote=True, reason=f"a copy of {original.version}, for a load test")
    changes = {"version": name, "created_at": now, "parent": original.version, "run_id": RUN_ID, "verdict": verdict}
    store.seal(original.model_copy(update=changes))
    return name


@contextmanager
def target(state: StateFolder, store: str) -> Iterator[Target]:
    """The stack that runs from `state`; if a store is named, one of its own with a copy of that, on a free port, and removed afterwards.

    Raises Refusal when none runs or it does not start, DataError for a store that is not a folder with a published version.
    """
    if not store:
        yield Target(find_running(state), open_issuer(state))
        return
    if not (Path(store) / "latest").is_file():
        raise DataError(f"{store} is not a folder with a published version")
    with tempfile.TemporaryDirectory(prefix="fieldwise-load-") as folder:
        own = StateFolder(Path(folder))
        shutil.copytree(store, own.root / MODELS)
        with _stack(own) as running:
            yield Target(running, open_issuer(own))


@contextmanager
def _stack(state: StateFolder) -> Iterator[Running]:
    """`make run` in a process of its own, so that its work is not the load's."""
    log = state.root / "run.log"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-m", "local", "run", "--port", "0", "--state", str(state.root)],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C must reach this process alone, which stops the other
        )
    try:
        yield _when_ready(state, process, log)
    finally:
        process.terminate()
        process.wait()


def _when_ready(state: StateFolder, process: "subprocess.Popen[bytes]", log: Path) -> Running:
    """Waits until the stack's health is good."""
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.5)
        try:
            running = find_running(state)
            if httpx.get(f"{running.api_url}/health", timeout=START_SECONDS, trust_env=False).is_success:
                return running
        except (Refusal, httpx.HTTPError):
            continue
    words = log.read_text("utf-8", "replace").strip().splitlines()
    raise Refusal(f"a stack for the load did not start: {words[-1].strip() if words else 'no reason given'}")
