"""Starts measured processes and asks them, one form at a time."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.serving.reference import build_index
from benchmarks.shared.store import fetch
from cryptography.hazmat.primitives.asymmetric import rsa

from fieldwise_common.errors import DataError
from fieldwise_common.store import layout
from fieldwise_inference.serving.index import read_meta
from local.issuer import AUDIENCE, ISSUER, Issuer
from local.template.blueprint import Blueprint
from local.web_server import WebServer

ROOT = Path(__file__).resolve().parents[2]
INFERENCE = "InferenceFunction"
OURS = ("classify", "handler", "parts")
"""The sides that are Fieldwise. It sets the number of its threads itself."""
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
"""Read by numpy, faiss, torch and the tokenizers."""


class Process:
    """A measured process, asked over a pipe; its phases are known once it is ready."""

    def __init__(self, given: Mapping[str, Any], environment: Mapping[str, str], first: Mapping[str, Any] | None = None) -> None:
        """Starts it and waits until it is ready; `first`: a form that waits for it, whose reply is then in `first`.

        Raises DataError with its last words when it fails.
        """
        self.side = str(given["side"])
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by `close`
        began = time.perf_counter()
        self._process = subprocess.Popen(  # our own module
            [sys.executable, "-m", "benchmarks.serving.process"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        for line in (given, first):
            if line is not None:
                self._send(line)
        ready = self._reply()
        self.first: Mapping[str, Any] = self._reply() if first is not None else {}
        self.milliseconds = 1000 * (time.perf_counter() - began)
        """From the start until it is ready, or has answered `first`."""
        self.phases: Mapping[str, float] = ready["phases"]
        self.processor: float = (self.first or ready)["used"]
        """Milliseconds of processor time, until the same moment."""
        self.peak: float = ready["peak"]
        """Megabytes, when it was ready."""

    def ask(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Its reply about a form: `elapsed` and `processor` in milliseconds, `peak` in megabytes, and the side's details."""
        self._send(form)
        return self._reply()

    def _send(self, content: Mapping[str, Any]) -> None:
        if self._process.stdin is None:
            raise DataError(f"{self.side}: its process has no stdin")
        try:
            self._process.stdin.write(json.dumps(content) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failure() from None

    def _reply(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise self._failure()
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _failure(self) -> DataError:
        self.stop()
        self._errors.seek(0)
        words = self._errors.read().strip().splitlines()
        return DataError(f"the process of {self.side} failed: {words[-1] if words else 'no reason given'}")

    def stop(self) -> None:
        """Ends it; a second call does nothing."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.communicate()

    def close(self) -> None:
        """Ends it, and forgets what it wrote to stderr."""
        self.stop()
        self._errors.close()


@dataclass(frozen=True)
class Setting:
    """What the processes of a comparison have in common.

    - store: the model store; its published version is measured.
    - version, entries: the version's name and its canonical texts.
    - encoder: the folder with the version's graph and tokenizer.
    - index: the reference's.
    - function: the inference function's environment, as the template has it; `memory_mb`: its memory.
    """

    store: str
    version: str
    entries: int
    encoder: Path
    index: Path
    function: Mapping[str, str]
    memory_mb: int
    token: str

    @contextmanager
    def started(self, side: str, threads: int, first: Mapping[str, Any] | None = None) -> Iterator[Process]:
        """A fresh process of a side, with an empty temp folder of its own."""
        given = {
            "side": side,
            "store": self.store,
            "threads": threads,
            "token": self.token,
            "index": str(self.index),
            "tokenizer": str(self.encoder / layout.TOKENIZER),
            "graph": str(self.encoder / layout.ENCODER_GRAPH),
        }
        with tempfile.TemporaryDirectory(prefix="fieldwise-bench-") as temp:
            environment = {
                **self.function,
                **({} if side in OURS else dict.fromkeys(POOLS, str(threads))),
                "HF_HUB_OFFLINE": "1",
                "PATH": os.environ.get("PATH", ""),
                "LANG": "C.UTF-8",
                "TMPDIR": temp,
            }
            process = Process(given, environment, first)
            try:
                yield process
            finally:
                process.close()


@contextmanager
def setting(store: str, cache: Path) -> Iterator[Setting]:
    """Everything that the processes need: the version's files, the reference's index in `cache`, an issuer of tokens on loopback.

    Raises ModelError, StoreError or SettingsError if there is no version to measure.
    """
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="fieldwise-bench-")))
        name, files = fetch(store, folder / "files")
        encoder = folder / "encoder"
        encoder.mkdir()
        for file in (layout.ENCODER_GRAPH, layout.TOKENIZER):
            (encoder / file).symlink_to(files[file])
        entries = entries_of(files[layout.INDEX_META].read_bytes())
        issuer = Issuer(rsa.generate_private_key(public_exponent=65537, key_size=2048))
        server = WebServer(issuer)
        closing.callback(server.stop)
        parameters = {"AuthIssuer": ISSUER, "AuthAudience": AUDIENCE, "AuthJwksUrl": f"{server.url}/.well-known/jwks.json"}
        [plan] = [plan for plan in Blueprint(ROOT / "template.yaml", parameters, "bench").functions() if plan.logical_id == INFERENCE]
        yield Setting(
            store=store,
            version=name,
            entries=len(entries),
            encoder=encoder,
            index=build_index(entries, cache),
            function={
                **plan.environment,
                "MODEL_STORE": str(Path(store).resolve()) if "://" not in store else store,
                "AWS_LAMBDA_FUNCTION_NAME": plan.name,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(plan.memory_mb),
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_REGION": "us-east-1",
                "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
                "LAMBDA_TASK_ROOT": str(ROOT),
                "_X_AMZN_TRACE_ID": "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
            },
            memory_mb=plan.memory_mb,
            token=issuer.token("bench"),
        )


def entries_of(meta: bytes) -> list[tuple[str, str]]:
    """The pairs of canonical id and text of a version's `meta.json`, of this or an earlier release. Raises CorruptVersion."""
    read = read_meta(meta)
    return [(read.ids[number], text) for number, text in zip(read.id_numbers, read.texts, strict=True)]
