"""The fresh process: imports, fetches, opens, answers one request from its standard input twice, and prints what each part took."""

import json
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

begun = time.time()
marks = [time.perf_counter()]

import mangum  # noqa: E402, F401  # timed: what the handler imports besides
from benchmarks.latency.version import fetch  # noqa: E402

import fieldwise_inference.app  # noqa: E402, F401
from fieldwise_common.wire import ClassifyRequest  # noqa: E402
from fieldwise_inference.classify.decide import classify  # noqa: E402
from fieldwise_inference.serving.version import load_version  # noqa: E402

PARTS = ("imports", "fetch", "open", "first_answer", "second_answer")


def main(store: str) -> None:
    """Writes one JSON object to standard output."""
    request = ClassifyRequest.model_validate_json(sys.stdin.read())
    marks.append(time.perf_counter())
    with tempfile.TemporaryDirectory() as folder:
        name, files = fetch(store, Path(folder))
        marks.append(time.perf_counter())
        version = load_version(name, files)
        marks.append(time.perf_counter())
    for _ in range(2):
        classify(version, request)
        marks.append(time.perf_counter())
    taken = {part: 1000 * (end - start) for part, (start, end) in zip(PARTS, pairwise(marks), strict=True)}
    sys.stdout.write(json.dumps({"begun": begun, **taken}))


main(sys.argv[1])
