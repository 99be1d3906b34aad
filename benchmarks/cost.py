"""What a million classify calls and a stack cost, from list prices, measured times and stated assumptions: `python -m benchmarks.cost`.

It prints the tables that `docs/operations.md` shows; given the figures of `make bench`, with the times and the memory in them.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from benchmarks.shared.output import errors_in_one_line
from pydantic import BaseModel, ValidationError

from fieldwise_common.errors import DataError

# List prices in US dollars, us-east-1, without the free tier; where they fall with volume, those of the first step.
PER_MILLION_API_REQUESTS = 1.00
PER_MILLION_INVOCATIONS = 0.20
PER_GB_SECOND = 0.0000166667
"""Of x86_64, the template's default; arm64's is lower."""
PER_MILLION_TABLE_READS = 0.125
PER_MILLION_TABLE_WRITES = 0.625
PER_GB_STREAM = 0.029
STREAM_ROUNDS_UP_TO_KB = 5
PER_GB_BUCKET = 0.023
PER_GB_LOGS = 0.50
PER_MILLION_TRACES = 5.00
PER_SECRET = 0.40
PER_METRIC = 0.30
PER_ALARM_METRIC = 0.10
PER_DASHBOARD = 3.00

# Assumptions.
FORMS_PER_PERSON = 300
"""A month: ten a day."""
REQUESTS_PER_FORM = 2.1
"""classify and fill, and feedback on one form in ten."""
BACKEND_SECONDS, BACKEND_GB = 0.04, 1.0
"""Billed per request, besides the wait for inference. The memory is the template's default, as below."""
INFERENCE_MB = 1769
"""One processor of Lambda's: times on two threads are priced at twice this memory."""
INFERENCE_SHARE = 2 / 2.1
"""Feedback does not invoke inference."""
RECORD_KB = 10
"""A form's rows in the decision log, each with the field's description."""
MEMORY_READ_UNITS, MEMORY_WRITE_UNITS = 2, 4
"""Of a form's classify: a consistent read of up to 8 KB, and the form kept for feedback, 4 KB. A form seen again is not written."""
LOG_KB_PER_REQUEST = 4
"""Access log, invocation reports and metrics of both functions."""
TRACED = 0.05
TRAININGS, TRAINING_SECONDS, TRAINING_GB = 4, 900, 3008 / 1024
METRICS = 41
ALARM_METRICS = 15
BUCKET_GB = 2
"""A few versions of 100 MB, and what was overwritten."""
MILLION = 1_000_000
MB_PER_GB = 1024
KB_PER_GB = 1024 * 1024


SIZES_OF_FORMS = (1, 5, 20)
FORM = 20
"""Fields of the form that a month is estimated for."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What `make bench` measured of inference's handler: milliseconds of a form never seen, by its fields, and its peak memory in MB.

    replaced: the same of the path that Fieldwise replaced, on one thread.
    """

    one_thread: Mapping[int, float]
    two_threads: Mapping[int, float]
    replaced: Mapping[int, float]
    peak_mb: float
    replaced_mb: float


PUBLISHED = Measured(
    one_thread={1: 2.9, 5: 6.4, 20: 10.9},
    two_threads={1: 3.0, 5: 5.1, 20: 12.3},
    replaced={1: 14.5, 5: 34.4, 20: 135.0},
    peak_mb=223,
    replaced_mb=714,
)
"""Of the version and on the machine of docs/operations.md, which shows the tables made from them."""


class _Median(BaseModel):
    median: float


class _Case(BaseModel):
    kind: str
    fields: int
    reference: _Median
    handler_unseen: _Median


class _Peak(BaseModel):
    after_forms: float


class _Threads(BaseModel):
    threads: int
    cases: tuple[_Case, ...]
    memory: Mapping[str, _Peak]


class _Bench(BaseModel):
    """What is read of the figures of `make bench`."""

    by_threads: tuple[_Threads, ...]


def read_measured(path: Path) -> Measured:
    """The figures that `make bench` wrote. Raises DataError for a file that cannot be read, or lacks a number of threads or a size."""
    try:
        found = {one.threads: one for one in _Bench.model_validate_json(path.read_bytes()).by_threads}
        cases = {threads: {case.fields: case for case in one.cases if case.kind == "authored forms"} for threads, one in found.items()}
        return Measured(
            one_thread={size: cases[1][size].handler_unseen.median for size in SIZES_OF_FORMS},
            two_threads={size: cases[2][size].handler_unseen.median for size in SIZES_OF_FORMS},
            replaced={size: cases[1][size].reference.median for size in SIZES_OF_FORMS},
            peak_mb=found[1].memory["handler"].after_forms,
            replaced_mb=found[1].memory["reference"].after_forms,
        )
    except OSError as error:
        raise DataError(f"can't read {path}: {error.strerror}: run make bench first") from error
    except (ValidationError, KeyError) as error:
        raise DataError(f"{path} lacks figures of `make bench` on one and two threads: run it again") from error


def per_million(measured: Measured) -> Mapping[str, Mapping[int, float]]:
    """US dollars of a million classify calls, by part and by the fields of a form."""
    one, two = INFERENCE_MB / MB_PER_GB, 2 * INFERENCE_MB / MB_PER_GB
    waits = {size: BACKEND_SECONDS + milliseconds / 1000 for size, milliseconds in measured.one_thread.items()}
    return {
        "API": dict.fromkeys(SIZES_OF_FORMS, PER_MILLION_API_REQUESTS),
        f"Backend, {BACKEND_GB * MB_PER_GB:.0f} MB": {size: _lambda(MILLION, seconds, BACKEND_GB) for size, seconds in waits.items()},
        f"Inference, {INFERENCE_MB} MB": _inference(measured.one_thread, one),
        f"Inference with two threads, {2 * INFERENCE_MB} MB": _inference(measured.two_threads, two),
        f"Inference by the path it replaced, {INFERENCE_MB} MB": _inference(measured.replaced, one),
    }


TOGETHER = 3
"""The first rows of `per_million` are what a call costs; the others are to compare with."""


def _inference(milliseconds: Mapping[int, float], gb: float) -> Mapping[int, float]:
    return {size: _lambda(MILLION, value / 1000, gb) for size, value in milliseconds.items()}


def per_million_table(measured: Measured) -> str:
    """The cost of a million calls as a Markdown table, and what it was computed from."""
    rows = per_million(measured)
    parts = list(rows.items())
    lines = ["| US$ a million classify calls | " + " | ".join(f"{size} field{'s' if size > 1 else ''}" for size in SIZES_OF_FORMS) + " |"]
    lines.append("|---|" + "---:|" * len(SIZES_OF_FORMS))
    lines += [_row(name, costs) for name, costs in parts[:TOGETHER]]
    together = {size: sum(costs[size] for _, costs in parts[:TOGETHER]) for size in SIZES_OF_FORMS}
    lines.append("| **Together** | " + " | ".join(f"**{together[size]:.2f}**" for size in SIZES_OF_FORMS) + " |")
    lines += [_row(name, costs) for name, costs in parts[TOGETHER:]]
    lines.append("| Inference's measured time in ms | " + " | ".join(f"{measured.one_thread[size]:.1f}" for size in SIZES_OF_FORMS) + " |")
    lines.append(
        f"| Its measured peak memory in MB (the path it replaced: {measured.replaced_mb:.0f}) |" + f" {measured.peak_mb:.0f} |" * 3
    )
    return "\n".join(lines)


def _row(name: str, costs: Mapping[int, float]) -> str:
    return f"| {name} | " + " | ".join(f"{costs[size]:.2f}" for size in SIZES_OF_FORMS) + " |"


@dataclass(frozen=True, slots=True)
class Size:
    """How many people use a stack."""

    name: str
    people: int

    @property
    def requests(self) -> float:
        """Requests a month."""
        return self.people * FORMS_PER_PERSON * REQUESTS_PER_FORM


SIZES = (Size("a household", 10), Size("a company", 1_000), Size("a product", 100_000))


def estimate(size: Size, measured: "Measured") -> Mapping[str, float]:
    """US dollars a month, by part. Every call of inference is billed as a classify of `FORM` fields."""
    requests, forms = size.requests, size.people * FORMS_PER_PERSON
    invoked = requests * INFERENCE_SHARE
    seconds = measured.one_thread[FORM] / 1000
    stream_kb = requests * -(-RECORD_KB // STREAM_ROUNDS_UP_TO_KB) * STREAM_ROUNDS_UP_TO_KB
    return {
        "API": requests / MILLION * PER_MILLION_API_REQUESTS,
        "Backend": _lambda(requests, BACKEND_SECONDS + INFERENCE_SHARE * seconds, BACKEND_GB),
        "Inference": _lambda(invoked, seconds, INFERENCE_MB / MB_PER_GB),
        "Training": _lambda(TRAININGS, TRAINING_SECONDS, TRAINING_GB),
        "Profiles": (forms * PER_MILLION_TABLE_READS + size.people * PER_MILLION_TABLE_WRITES) / MILLION,
        "Memory": forms * (MEMORY_READ_UNITS * PER_MILLION_TABLE_READS + MEMORY_WRITE_UNITS * PER_MILLION_TABLE_WRITES) / MILLION,
        "Decision log": stream_kb / KB_PER_GB * PER_GB_STREAM + (BUCKET_GB + 12 * stream_kb / KB_PER_GB) * PER_GB_BUCKET,
        "Logs, traces": requests * LOG_KB_PER_REQUEST / KB_PER_GB * PER_GB_LOGS + requests * TRACED / MILLION * PER_MILLION_TRACES,
        "Monitoring": METRICS * PER_METRIC + ALARM_METRICS * PER_ALARM_METRIC + PER_DASHBOARD + PER_SECRET,
    }


def _lambda(invocations: float, seconds: float, gb: float) -> float:
    return invocations / MILLION * PER_MILLION_INVOCATIONS + invocations * seconds * gb * PER_GB_SECOND


def table(measured: Measured) -> str:
    """The three sizes as a Markdown table."""
    bills = [estimate(size, measured) for size in SIZES]
    head = "| US$ a month | " + " | ".join(f"{size.name}: {size.people:,} people" for size in SIZES) + " |"
    rows = [f"| {part} | " + " | ".join(f"{bill[part]:,.2f}" for bill in bills) + " |" for part in bills[0]]
    requests = "| Requests a month | " + " | ".join(f"{size.requests:,.0f}" for size in SIZES) + " |"
    total = "| **Together** | " + " | ".join(f"**{sum(bill.values()):,.2f}**" for bill in bills) + " |"
    return "\n".join([head, "|---|" + "---:|" * len(SIZES), requests, *rows, total])


def main(
    figures: Annotated[Path | None, typer.Argument(help="The bench.json of `make bench`; default: the published figures.")] = None,
) -> None:
    """Prints both tables."""
    with errors_in_one_line():
        measured = read_measured(figures) if figures is not None else PUBLISHED
    sys.stdout.write(f"{per_million_table(measured)}\n\n{table(measured)}\n")


if __name__ == "__main__":
    typer.run(main)
