"""Where the local stack keeps what outlives it, and who holds it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Places:
    """The folder `.local/`, by what lies in it."""

    root: Path

    @property
    def data(self) -> Path:
        """What buckets, tables and secrets hold."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """One file per function: what it wrote to stdout and stderr."""
        return self.root / "logs"

    @property
    def tasks(self) -> Path:
        """The functions' code as their images hold it; made anew at every start."""
        return self.root / "tasks"

    @property
    def temp(self) -> Path:
        """The functions' temporary folders."""
        return self.root / "tmp"

    @property
    def issuer_key(self) -> Path:
        """The private key tokens are signed with."""
        return self.root / "issuer.pem"

    @property
    def running(self) -> Path:
        """The running stack's addresses, for the other verbs."""
        return self.root / "stack.json"

    def prepare(self) -> None:
        """Makes the folders. Raises Refusal when something else is in their place."""
        try:
            for folder in (self.data, self.logs, self.tasks, self.temp):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal(
                f"{self.root} can't be used ({error.strerror}: {error.filename}): choose another folder with FIELDWISE_STATE"
            ) from error

    def damaged(self, path: Path, what: str) -> Refusal:
        """The refusal for a kept file that can't be used: it names the one thing to delete."""
        return Refusal(f"{path} is damaged ({what}): delete {path} to start without it, or {self.root} to start afresh")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the folder for one running stack. Raises Refusal while another has it."""
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refusal(f"a stack is running from {self.root} already: stop it first (Ctrl-C where it runs)") from None
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
    """What the other verbs need to know of a running stack."""

    pid: int
    api_url: str
    aws_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    state_machine_arn: str
    issuer: str
    audience: str


def announce(places: Places, running: Running) -> None:
    """Writes the running stack's addresses, readable by its owner alone."""
    write_atomically(places.running, json.dumps(asdict(running), indent=2).encode(), mode=0o600)


def find_running(places: Places) -> Running:
    """The running stack. Raises Refusal when there is none."""
    if not places.is_held() or not places.running.is_file():
        raise Refusal("no stack is running here: start one with `make run` (in another terminal) and wait until it is ready")
    try:
        return Running(**json.loads(places.running.read_bytes()))
    except (ValueError, TypeError) as error:
        raise places.damaged(places.running, "not what a stack writes") from error


def write_atomically(path: Path, body: bytes, mode: int = 0o644) -> None:
    """Replaces `path` in one act, so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(body)
    partial.replace(path)
