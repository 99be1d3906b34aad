"""One version's answers on several processors, held against each other."""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.processors.processors import Processor
from numpy.typing import NDArray

from fieldwise_common.errors import DataError
from fieldwise_training.encoder.parallel import cores

LOWEST_COSINE = 0.9999
"""Between two processors' vectors of a parity label; below, calibrated thresholds and remembered vectors would be another encoder's."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a processor answered, and the seconds it took."""

    processor: str
    vectors: NDArray[np.float64]
    decisions: list[list[str]]
    scores: list[float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two processors' answers."""

    lowest_cosine: float
    decisions: list[tuple[list[str], list[str]]]
    """Those that differ, both ways."""
    largest_score: float
    """The largest difference between two scores of one field."""

    @property
    def is_none(self) -> bool:
        """Whether a person could not tell the two apart."""
        return self.lowest_cosine >= LOWEST_COSINE and not self.decisions


def answers_of(processor: Processor, folder: Path, every: int) -> Answers:
    """Runs the version in `folder` on a processor; `every`-th held-out form, 0: no form, vectors alone.

    Raises DataError with the last line of what it complained of when it ends badly.
    """
    with tempfile.TemporaryDirectory(prefix="fieldwise-processors-") as temp:
        out = Path(temp) / "answers.json"
        command = [*processor.command, "-m", "benchmarks.processors.answers", str(folder), str(out), "--every", str(every)]
        started = time.perf_counter()
        done = subprocess.run(command, env=processor.started_with(), capture_output=True, text=True, check=False)  # noqa: S603 our own program
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise DataError(f"{processor.name}: exit code {done.returncode}: {last}")
        found = json.loads(out.read_bytes())
    seconds = time.perf_counter() - started
    return Answers(processor.name, np.array(found["vectors"]), found["decisions"], found["scores"], seconds)


def all_answers(
    processors: Sequence[Processor], folder: Path, every: int, done: Callable[[Answers], None] = lambda _: None
) -> list[Answers]:
    """Of every processor, several at a time. Raises as `answers_of`."""

    def asked(processor: Processor) -> Answers:
        answers = answers_of(processor, folder, every)
        done(answers)
        return answers

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(asked, processors))


def difference(one: Answers, other: Answers) -> Difference:
    """How far two processors are apart."""
    cosines = (one.vectors * other.vectors).sum(axis=1)
    differing = [(mine, theirs) for mine, theirs in zip(one.decisions, other.decisions, strict=True) if mine != theirs]
    scores = [abs(mine - theirs) for mine, theirs in zip(one.scores, other.scores, strict=True)]
    return Difference(float(cosines.min()), differing, max(scores, default=0.0))
