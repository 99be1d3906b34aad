"""The fresh process of a cold start: imports, fetches, opens, classifies the request on stdin twice, and prints each part's time."""

import json
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

started = time.time()
marks = [time.perf_counter()]

import mangum  # noqa: E402, F401  # timed: the handler imports it too
from benchmarks.shared.store import fetch  # noqa: E402

import fieldwise_inference.app  # noqa: E402, F401
from fieldwise_common.wire import MlClassifyRequest  # noqa: E402
from fieldwise_inference.classify.decide import classify  # noqa: E402
from fieldwise_inference.serving.version import load_version  # noqa: E402

PARTS = ("imports", "fetch", "open", "first_answer", "second_answer")


def main(store: str) -> None:
    """Writes one JSON object to stdout: milliseconds by part, and when the process started (seconds of the epoch)."""
    request = MlClassifyRequest.model_validate_json(sys.stdin.read())
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
    sys.stdout.write(json.dumps({"started": started, **taken}))


main(sys.argv[1])
