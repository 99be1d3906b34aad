"""A process begun afresh, and where its time to the first answer goes."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

from benchmarks.latency.figures import ColdStart

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import ClassifyRequest


def cold_start(store: str, request: ClassifyRequest, times: int) -> ColdStart:
    """The medians of several fresh processes, one after the other. Raises CorruptVersion when one can't answer."""
    runs = [_one(store, request.model_dump_json()) for _ in range(times)]
    return ColdStart(**{part: round(statistics.median(run[part] for run in runs), 1) for part in ColdStart.model_fields})


def _one(store: str, request: str) -> Mapping[str, float]:
    command = [sys.executable, "-m", "benchmarks.latency.first_answer", store]
    begun = time.time()
    done = subprocess.run(command, input=request, capture_output=True, text=True, check=False)  # noqa: S603  # our own module
    if done.returncode:
        raise CorruptVersion(f"a fresh process can't answer: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    parts = json.loads(done.stdout)
    return {**parts, "interpreter": 1000 * (parts["begun"] - begun)}
