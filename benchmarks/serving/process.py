"""A measured process: `python -m benchmarks.serving.process`. It imports nothing before it knows which side it is.

The first line on stdin configures it, and is answered by the phases of its start; each further line is a form, answered by its time.
So its memory and imports are its own, and the process that asks can alternate between several.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

MEGABYTE = 2**20


class Phases:
    """Milliseconds by phase since this module was run."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self._last = time.perf_counter()

    def done(self, name: str) -> None:
        """Ends a phase, and begins the next."""
        now = time.perf_counter()
        self.taken[name] = 1000 * (now - self._last)
        self._last = now


@dataclass(frozen=True)
class Side:
    """What answers.

    - prepare: makes what is answered of a line's form, untimed.
    - answer: timed.
    - details: after each answer, what else to report of it.
    """

    prepare: Callable[[Mapping[str, Any]], Any]
    answer: Callable[[Any], object]
    details: Callable[[], Mapping[str, Any]] = field(default=lambda: {})


def classify(given: Mapping[str, Any], phases: Phases) -> Side:
    """The decision alone: `decide.classify` on the published version."""
    from benchmarks.shared.store import open_published

    from fieldwise_common.wire import MlClassifyRequest
    from fieldwise_inference.classify import decide

    phases.done("imports")
    version = open_published(given["store"]).version
    phases.done("version")
    return Side(lambda form: MlClassifyRequest.model_validate(form["body"]), lambda request: decide.classify(version, request))


def parts(given: Mapping[str, Any], phases: Phases) -> Side:
    """The same, with its parts timed."""
    from benchmarks.serving.parts import Stopwatch
    from benchmarks.shared.store import open_published

    from fieldwise_common.wire import MlClassifyRequest
    from fieldwise_inference.classify import decide

    phases.done("imports")
    watch = Stopwatch()
    version = watch.timing(open_published(given["store"]).version)
    phases.done("version")
    return Side(lambda form: MlClassifyRequest.model_validate(form["body"]), lambda request: decide.classify(version, request), watch.read)


def handler(given: Mapping[str, Any], phases: Phases) -> Side:
    """The Lambda function as it is deployed: its entry point, from event to response."""
    from fieldwise_inference.handler import lambda_handler

    phases.done("handler")
    context = SimpleNamespace(function_name="inference", memory_limit_in_mb=1769, invoked_function_arn="arn:bench", aws_request_id="1")
    last: dict[str, Any] = {"start": None}

    def answer(event: dict[str, Any]) -> None:
        last["response"] = lambda_handler(event, context)

    def details() -> Mapping[str, Any]:
        if last["response"]["statusCode"] != 200:
            raise SystemExit(f"the handler answered {last['response']['statusCode']}: {last['response']['body']}")
        if last["start"] is None:
            health = lambda_handler(_event("GET", "/ml/health", "", None), context)
            last["start"] = json.loads(health["body"]).get("start", {})
        return {"start": last["start"]}

    return Side(lambda form: _event("POST", "/ml/classify", given["token"], form["body"]), answer, details)


def _event(method: str, path: str, token: str, body: object) -> dict[str, Any]:
    """An HTTP API event, payload format 2.0, as the backend's Invoke sends it."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"},
            "stage": "$default",
            "requestId": "1",
            "routeKey": "$default",
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def reference(given: Mapping[str, Any], phases: Phases) -> Side:
    """The path that Fieldwise replaced."""
    import faiss  # noqa: F401  # timed as an import
    import sentence_transformers  # noqa: F401  # likewise
    from benchmarks.serving.reference import load_model, open_reference, use_threads

    use_threads(given["threads"])
    phases.done("imports")
    model = load_model()
    phases.done("model")
    opened = open_reference(Path(given["index"]), model)
    phases.done("index")
    return Side(lambda form: form["texts"], opened.answer)


def floor(given: Mapping[str, Any], phases: Phases) -> Side:
    """What no serving process with these libraries can do without: their imports, the tokenizer, and a session of the version's encoder."""
    import faiss  # noqa: F401  # only to be imported
    import numpy  # noqa: F401  # likewise
    import onnxruntime
    from tokenizers import Tokenizer

    phases.done("imports")
    Tokenizer.from_file(given["tokenizer"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    onnxruntime.InferenceSession(given["graph"], options, providers=["CPUExecutionProvider"])
    phases.done("session")
    return Side(lambda form: form, lambda _: None)


SIDES: Mapping[str, Callable[[Mapping[str, Any], Phases], Side]] = {
    "classify": classify,
    "parts": parts,
    "handler": handler,
    "reference": reference,
    "floor": floor,
}


def peak_megabytes() -> float:
    """The most memory this process has had in use, as Linux counts it (VmHWM); elsewhere the nearest that there is."""
    status = Path("/proc/self/status")
    if status.is_file():
        [kilobytes] = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(kilobytes) * 1024 / MEGABYTE
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE  # bytes on macOS


def main() -> None:
    """Serves until stdin ends."""
    phases = Phases()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a handler logs to stdout

    def reply(**content: Any) -> None:
        replies.write(json.dumps(content) + "\n")
        replies.flush()

    given = json.loads(sys.stdin.readline())
    side = SIDES[given["side"]](given, phases)
    reply(phases=phases.taken, peak=peak_megabytes(), used=1000 * time.process_time())
    for line in sys.stdin:
        prepared = side.prepare(json.loads(line))
        elapsed, processor = time.perf_counter(), time.process_time()
        side.answer(prepared)
        processor, elapsed = time.process_time() - processor, time.perf_counter() - elapsed
        used = 1000 * time.process_time()
        reply(elapsed=1000 * elapsed, processor=1000 * processor, used=used, peak=peak_megabytes(), **side.details())


if __name__ == "__main__":
    main()
