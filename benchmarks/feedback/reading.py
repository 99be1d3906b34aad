"""The fresh process that is measured: runs the step `load` of a training on a log, and prints its figures as JSON.

`python -m benchmarks.feedback.reading <log> <folder>`
"""

import json
import sys
import time
from pathlib import Path

from fieldwise_common.store.model_store import open_store
from fieldwise_training.settings import TrainingSettings
from fieldwise_training.state import parse_request
from fieldwise_training.steps.context import TrainingContext
from fieldwise_training.steps.load import load
from fieldwise_training.steps.validate import begin, validate

KB_PER_MB = 1024


def peak_mb() -> float:
    """The largest resident set of this process so far: `getrusage` would count that of the process it was forked from."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    return int(status["VmHWM"].split()[0]) / KB_PER_MB


def main(log: str, folder: Path) -> None:
    """Writes one JSON object to stdout: seconds, processor seconds, MB before and at the peak, and the feedback's facts."""
    store = str(folder / "store")
    context = TrainingContext(open_store(store), TrainingSettings(model_store=store, feedback_log=log))
    state = validate(context, begin(context, parse_request({"mode": "build-index-feedback"}), "benchmark"))
    before, start, worked = peak_mb(), time.perf_counter(), time.process_time()
    facts = load(context, state).feedback
    figures = {
        "seconds": time.perf_counter() - start,
        "processor_seconds": time.process_time() - worked,
        "base_mb": before,
        "peak_mb": peak_mb(),
        "feedback": facts.model_dump() if facts is not None else {},
    }
    sys.stdout.write("\n" + json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
