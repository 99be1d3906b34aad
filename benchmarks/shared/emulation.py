"""The processors that one machine can offer, its own and those that qemu's user mode emulates, and a version's answers on them."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwise_common.errors import DataError

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT, *(ROOT / folder for folder in ("layers/common/python", "functions/inference", "functions/training"))]
X86 = {"x86_64", "AMD64"}


@dataclass(frozen=True, slots=True)
class Processor:
    """How Python is started on a processor. `missing` says what has to be installed first, "" when nothing has."""

    name: str
    command: tuple[str, ...] = ()
    path: tuple[Path, ...] = ()
    missing: str = ""

    def environment(self) -> dict[str, str]:
        """The environment of its process: the project's sources, and one thread."""
        path = os.pathsep.join(map(str, (*self.path, *SOURCES)))
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
        return {**os.environ, **threads, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}


NATIVE = Processor("this machine's", (sys.executable,))


def emulated(arm64: Path | None) -> list[Processor]:
    """Processors with SSE4 and AVX2, and an arm64 one. `arm64`: the folder that the script `processors/arm64-root` has made."""
    return [*(_x86(name, cpu) for name, cpu in (("SSE4 (Nehalem)", "Nehalem"), ("AVX2 (Haswell)", "Haswell"))), _arm64(arm64)]


def _x86(name: str, cpu: str) -> Processor:
    if platform.machine() not in X86:
        return Processor(name, missing="this machine's Python is not built for x86-64")
    emulator = shutil.which("qemu-x86_64")
    if emulator is None:
        return Processor(name, missing="qemu-user is not installed (Debian: apt install qemu-user)")
    return Processor(name, (emulator, "-cpu", cpu, sys.executable))


def _arm64(root: Path | None) -> Processor:
    name = "arm64 (Neoverse N1)"
    if root is None or not (root / "qemu-aarch64").exists():
        return Processor(name, missing="there is no arm64 Python: make one with benchmarks/processors/arm64-root FOLDER")
    command = (str(root / "qemu-aarch64"), "-cpu", "neoverse-n1", "-L", str(root), str(root / "usr/bin/python3.11"))
    return Processor(name, command, (root / "site",))


@dataclass(frozen=True, slots=True)
class Answers:
    """A version's answers on one processor, and the seconds they took.

    `vectors`: (labels, d), of the parity labels. `decisions` and `scores`: one for each field.
    """

    processor: str
    vectors: NDArray[np.float64]
    decisions: list[list[str]]
    scores: list[float]
    seconds: float


def answers_of(processor: Processor, folder: Path, every: int) -> Answers:
    """Runs the version in `folder` on a processor, over every `every`-th held-out form; 0: vectors alone, no form.

    Raises DataError with the last line of stderr when the process fails.
    """
    with tempfile.TemporaryDirectory(prefix="fieldwise-processors-") as temp:
        out = Path(temp) / "answers.json"
        command = [*processor.command, "-m", "benchmarks.shared.answers", str(folder), str(out), "--every", str(every)]
        started = time.perf_counter()
        done = subprocess.run(command, env=processor.environment(), capture_output=True, text=True, check=False)  # noqa: S603 our own program
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
            raise DataError(f"{processor.name}: exit code {done.returncode}: {last}")
        found = json.loads(out.read_bytes())
    seconds = time.perf_counter() - started
    return Answers(processor.name, np.array(found["vectors"]), found["decisions"], found["scores"], seconds)
