"""One of SAM's emulators: a child process that starts containers."""

import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from local.containers.build import last_line, sam, sam_environment
from local.containers.docker import Network
from local.refusal import Refusal
from local.web_server import HOST

START_SECONDS = 120.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Emulation:
    """What an emulator runs: the template, the network of its containers, and where its log goes."""

    root: Path
    template: Path
    network: Network
    logs: Path


class Emulator:
    """`sam local <verb>` on a local port, from construction until `stop`. Containers stay warm between calls.

    Raises Refusal when it does not start to listen.
    """

    def __init__(self, verb: str, port: int, emulation: Emulation) -> None:
        self.url = f"http://{HOST}:{port}"
        self._log = emulation.logs / f"sam-{verb}.log"
        # fmt: off
        command = [
            str(sam(emulation.root)), "local", verb, "--template", str(emulation.template), "--host", HOST, "--port", str(port),
            "--skip-pull-image", "--warm-containers", "LAZY", "--no-watch", "--docker-network", emulation.network.name,
        ]
        # fmt: on
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 the SAM we installed
                command,
                env=sam_environment(),
                cwd=emulation.template.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C must reach this process alone, which stops its children in order
            )
        with ExitStack() as starting:  # if startup fails or is interrupted, stop what was already started
            starting.callback(self.stop)
            self._wait_until_it_listens(verb, port)
            starting.pop_all()

    def _wait_until_it_listens(self, verb: str, port: int) -> None:
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            if self._process.poll() is not None:
                raise Refusal(f"sam local {verb} ended at startup ({last_line(self._log)}): see {self._log}")
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(POLL_SECONDS)
        raise Refusal(f"sam local {verb} did not listen within {START_SECONDS:.0f} seconds: see {self._log}")

    def stop(self) -> None:
        """Interrupts it as Ctrl-C would, so that it removes its containers itself."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
