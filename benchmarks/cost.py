"""What a stack costs a month, by part, from list prices and stated assumptions: `python -m benchmarks.cost`.

It prints the table that `docs/operations.md` shows.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

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
BACKEND_SECONDS, BACKEND_GB = 0.10, 1.0
"""Billed per request, the wait for inference included. The memory is the template's default, as below."""
INFERENCE_SECONDS, INFERENCE_GB = 0.06, 1769 / 1024
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
KB_PER_GB = 1024 * 1024


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


def estimate(size: Size) -> Mapping[str, float]:
    """US dollars a month, by part."""
    requests, forms = size.requests, size.people * FORMS_PER_PERSON
    invoked = requests * INFERENCE_SHARE
    stream_kb = requests * -(-RECORD_KB // STREAM_ROUNDS_UP_TO_KB) * STREAM_ROUNDS_UP_TO_KB
    return {
        "API": requests / MILLION * PER_MILLION_API_REQUESTS,
        "Backend": _lambda(requests, BACKEND_SECONDS, BACKEND_GB),
        "Inference": _lambda(invoked, INFERENCE_SECONDS, INFERENCE_GB),
        "Training": _lambda(TRAININGS, TRAINING_SECONDS, TRAINING_GB),
        "Profiles": (forms * PER_MILLION_TABLE_READS + size.people * PER_MILLION_TABLE_WRITES) / MILLION,
        "Memory": forms * (MEMORY_READ_UNITS * PER_MILLION_TABLE_READS + MEMORY_WRITE_UNITS * PER_MILLION_TABLE_WRITES) / MILLION,
        "Decision log": stream_kb / KB_PER_GB * PER_GB_STREAM + (BUCKET_GB + 12 * stream_kb / KB_PER_GB) * PER_GB_BUCKET,
        "Logs, traces": requests * LOG_KB_PER_REQUEST / KB_PER_GB * PER_GB_LOGS + requests * TRACED / MILLION * PER_MILLION_TRACES,
        "Monitoring": METRICS * PER_METRIC + ALARM_METRICS * PER_ALARM_METRIC + PER_DASHBOARD + PER_SECRET,
    }


def _lambda(invocations: float, seconds: float, gb: float) -> float:
    return invocations / MILLION * PER_MILLION_INVOCATIONS + invocations * seconds * gb * PER_GB_SECOND


def table() -> str:
    """The three sizes as a Markdown table."""
    bills = [estimate(size) for size in SIZES]
    head = "| US$ a month | " + " | ".join(f"{size.name}: {size.people:,} people" for size in SIZES) + " |"
    rows = [f"| {part} | " + " | ".join(f"{bill[part]:,.2f}" for bill in bills) + " |" for part in bills[0]]
    requests = "| Requests a month | " + " | ".join(f"{size.requests:,.0f}" for size in SIZES) + " |"
    total = "| **Together** | " + " | ".join(f"**{sum(bill.values()):,.2f}**" for bill in bills) + " |"
    return "\n".join([head, "|---|" + "---:|" * len(SIZES), requests, *rows, total])


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
