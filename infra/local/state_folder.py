"""The folder with everything that outlives a local stack, and the lock that lets one stack at a time use it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local.refusal import Refusal


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The folder `.local/`, with the path of everything in it."""

    root: Path

    @property
    def data(self) -> Path:
        """The contents of buckets, tables and secrets."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """One file per function: its stdout and stderr."""
        return self.root / "logs"

    @property
    def tasks(self) -> Path:
        """Each function's code as its image holds it; made again at every start."""
        return self.root / "tasks"

    @property
    def temp(self) -> Path:
        """The functions' temporary folders."""
        return self.root / "tmp"

    @property
    def reports(self) -> Path:
        """Reports of versions, as `make report` fetched them."""
        return self.root / "reports"

    @property
    def issuer_key(self) -> Path:
        """The private key that signs tokens."""
        return self.root / "issuer.pem"

    @property
    def running(self) -> Path:
        """The running stack's addresses, for the other commands."""
        return self.root / "stack.json"

    @property
    def linted(self) -> Path:
        """The SHA-256 of the template that last passed the linter."""
        return self.root / "linted-template"

    def prepare(self) -> None:
        """Makes the folders. Raises Refusal when that is impossible, as when a file has the folder's name."""
        try:
            for folder in (self.data, self.logs, self.tasks, self.temp):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal(
                f"{self.root} can't be used ({error.strerror}: {error.filename}): choose another folder with FIELDWISE_STATE"
            ) from error

    def damaged(self, path: Path, what: str) -> Refusal:
        """The error for an unusable file of this folder: it names the one file to delete."""
        return Refusal(f"{path} is damaged ({what}): delete {path} to start without it, or {self.root} to start from scratch")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Locks the folder for one running stack. Raises Refusal while another stack has it."""
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refusal(f"a stack is already running from {self.root}: stop it first (Ctrl-C in its terminal)") from None
            yield

    def is_held(self) -> bool:
        """Whether a stack is running from this folder."""
        try:
            with self.held():
                return False
        except (Refusal, FileNotFoundError) as found:
            return isinstance(found, Refusal)


@dataclass(frozen=True, slots=True)
class Running:
    """What the other commands need to know about a running stack."""

    pid: int
    api_url: str
    aws_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    state_machine_arn: str
    issuer: str
    audience: str
    model_store: str = ""
    """The address of the model store, `s3://bucket/prefix`; "" if no function has one."""
    inference_function: str = ""
    """The name of the function that serves versions; "" if the template has none."""


def announce(state: StateFolder, running: Running) -> None:
    """Writes the running stack's addresses to a file that only its owner can read."""
    write_atomically(state.running, json.dumps(asdict(running), indent=2).encode(), mode=0o600)


def find_running(state: StateFolder) -> Running:
    """The stack that runs from this folder. Raises Refusal when none does."""
    if not state.is_held() or not state.running.is_file():
        raise Refusal("no stack is running here: start one with `make run` in another terminal and wait until it is ready")
    try:
        return Running(**json.loads(state.running.read_bytes()))
    except (ValueError, TypeError) as error:
        raise state.damaged(state.running, "not what a stack writes") from error


def write_atomically(path: Path, body: bytes, mode: int = 0o644) -> None:
    """Replaces `path` in one step: a reader sees the old content or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(body)
    partial.replace(path)
