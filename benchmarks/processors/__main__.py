"""`make bench-processors`: the published version of a store on this machine's processor and on emulated ones, one table.

Exit codes: 0 the same answers everywhere; 1 they differ, or a file or a store is at fault.
"""

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.shared.emulation import NATIVE, Answers, Processor, answers_of, emulated
from benchmarks.shared.output import errors_in_one_line, stderr, stdout, table
from benchmarks.shared.store import fetch, local_store
from rich.table import Table

from fieldwise_training.encoder.parallel import cores

LOWEST_COSINE = 0.9999
"""Between two processors' vectors of a parity label. Below it they would need other thresholds, and cached vectors would be wrong."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Compare a version's answers on several processors.")


@app.command()
def compare(
    store: Annotated[str, typer.Option(help="s3://bucket/prefix or a folder; default: the embedded stack's store.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Use every N-th held-out form; an emulator takes half an hour for all of them.")] = 1,
    arm64: Annotated[Path | None, typer.Option(help="The folder that benchmarks/processors/arm64-root has made.")] = None,
) -> None:
    """Runs the published version on every processor that this machine can offer, and compares vectors and decisions."""
    processors = emulated(arm64)
    for processor in processors:
        if processor.missing:
            stderr.print(f"not compared: {processor.name}: {processor.missing}", style="yellow", markup=False)
    with errors_in_one_line(), tempfile.TemporaryDirectory(prefix="fieldwise-processors-") as temp:
        _, files = fetch(store or local_store(), Path(temp))
        folder = Path(temp) / "version"
        folder.mkdir()
        for name, path in files.items():
            (folder / name).symlink_to(path)
        chosen = [NATIVE, *(processor for processor in processors if not processor.missing)]
        answers = all_answers(chosen, folder, every, lambda one: stderr.print(f"{one.processor}: {one.seconds:.0f} s"))
    stdout().print(pairs_table(answers))
    if not all(difference(one, other).is_none for one, other in combinations(answers, 2)):
        raise typer.Exit(1)


def all_answers(
    processors: Sequence[Processor], folder: Path, every: int, done: Callable[[Answers], None] = lambda _: None
) -> list[Answers]:
    """The answers of every processor, several at a time. Raises as `answers_of`."""

    def run(processor: Processor) -> Answers:
        answers = answers_of(processor, folder, every)
        done(answers)
        return answers

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(run, processors))


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two processors' answers."""

    lowest_cosine: float
    decisions: list[tuple[list[str], list[str]]]
    """Pairs of differing decisions."""
    largest_score: float
    """The largest difference between two scores of one field."""

    @property
    def is_none(self) -> bool:
        """Whether the vectors are near enough and all decisions the same."""
        return self.lowest_cosine >= LOWEST_COSINE and not self.decisions


def difference(one: Answers, other: Answers) -> Difference:
    """How far two processors are apart."""
    cosines = (one.vectors * other.vectors).sum(axis=1)
    differing = [(mine, theirs) for mine, theirs in zip(one.decisions, other.decisions, strict=True) if mine != theirs]
    scores = [abs(mine - theirs) for mine, theirs in zip(one.scores, other.scores, strict=True)]
    return Difference(float(cosines.min()), differing, max(scores, default=0.0))


def pairs_table(answers: Sequence[Answers]) -> Table:
    """A row for each pair of processors."""
    title = f"{len(answers[0].decisions)} fields, {len(answers[0].vectors)} labels"
    shown = table(title, "processors", "lowest cosine", "decisions that differ", "largest difference between scores")
    for one, other in combinations(answers, 2):
        found = difference(one, other)
        cells = (f"{found.lowest_cosine:.8f}", str(len(found.decisions)), f"{found.largest_score:.4f}")
        shown.add_row(f"{one.processor} / {other.processor}", *cells)
    return shown


if __name__ == "__main__":
    app(prog_name="processors")
