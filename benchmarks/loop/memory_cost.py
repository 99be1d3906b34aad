"""The processor time that a user's memory adds to a classify: reading it, passing it on, recognising the fields, keeping the form.

Each part by itself. The item is the one that a running stack's table stored; it is read from a server that answers as DynamoDB
does, from a connection that stays open: the embedded AWS closes it after every answer, which costs a client a third of its time.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from threading import Thread

from benchmarks.loop.people import SiteForm
from pydantic import BaseModel

from fieldwise_backend.adapters.dynamodb_memory import DynamoMemory, memory_client
from fieldwise_backend.memory.service import Memory
from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.canonical import NOTHING
from fieldwise_common.decision_ids import DecisionId, new_request_id
from fieldwise_common.wire import Decision, FeedbackRequest, FieldDescriptor, KnownField, MlClassifyRequest, MlClassifyResponse, dump
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.known import known_fields
from fieldwise_inference.classify.signature import signatures
from local.stack import Stack

ROUNDS = 300
WARM_UP = 30
SITE = "0123456789abcdef"
CALLER = Caller(issuer="https://benchmark.example", subject="bench-loop", scopes=frozenset())


class MemoryCost(BaseModel):
    """Milliseconds of processor time per classify of a form whose every field is remembered; medians."""

    fields: int
    reading: float
    passing: float
    """To inference and into its models."""
    recognising: float
    """Signatures included."""
    keeping: float
    """Of a form that is the same as the last time: nothing is written."""
    keeping_a_new_form: float
    """The first time: it is written."""

    @property
    def milliseconds(self) -> float:
        """All parts of a classify, for a form that was seen before."""
        return self.reading + self.passing + self.recognising + self.keeping


class _StoredItem(BaseHTTPRequestHandler):
    """Answers GetItem with `item`, and every other operation with nothing, as after an update."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one packet
    item = b"{}"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = self.item if self.headers["X-Amz-Target"].endswith(".GetItem") else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def measure_memory(stack: Stack, form: SiteForm) -> MemoryCost:
    """Remembers every field of `form` for a user of its own, and times each part in a separate process."""
    [table] = [properties["TableName"] for properties in stack.blueprint.of_type("AWS::DynamoDB::Table").values()]
    client = stack.admin.client("dynamodb")
    _remember(Memory(DynamoMemory(table, client), lambda: datetime.now(UTC)), form)
    key = {"owner": {"S": f"{owner_of(CALLER)}/site/{SITE}"}}
    _StoredItem.item = json.dumps({"Item": client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]}).encode()
    with ThreadingHTTPServer(("127.0.0.1", 0), _StoredItem) as server, ProcessPoolExecutor(1, get_context("spawn")) as process:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            return process.submit(_measured, f"http://127.0.0.1:{server.server_port}", table, form).result()
        finally:
            server.shutdown()


def _remember(memory: Memory, form: SiteForm) -> None:
    fields = tuple(FieldDescriptor.model_validate(field) for field in form.fields)
    memory.keep_form(CALLER, SITE, form.origin, memory.recall(CALLER, SITE), _answer(fields, form.origin))
    for field in fields:
        feedback = FeedbackRequest(selector=field.selector, canonical=NOTHING, feedback="incorrect", corrected_to="nickname")
        found = memory.find(CALLER, [SITE], "", feedback)
        if found is not None:
            memory.learn(CALLER, found, feedback)


def _measured(url: str, table: str, form: SiteForm) -> MemoryCost:
    names = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    os.environ.update(zip(names, (url, "eu-west-1", "any", "any"), strict=True))
    memory = Memory(DynamoMemory(table, memory_client()), lambda: datetime.now(UTC))
    fields = tuple(FieldDescriptor.model_validate(field) for field in form.fields)
    answer = _answer(fields, form.origin)
    keep = partial(memory.keep_form, CALLER, SITE, form.origin)
    recalled = memory.recall(CALLER, SITE)
    views = [FieldView(field) for field in fields]

    def read() -> object:
        return memory.recall(CALLER, SITE)

    def pass_on(remembered: Sequence[KnownField]) -> object:
        sent = MlClassifyRequest(fields=fields, site=SITE, remembered=tuple(remembered))
        return MlClassifyRequest.model_validate(dump(sent))

    def recognise() -> object:
        return known_fields(signatures(views, form.origin), recalled.entries, {}, {}, lambda _: True)

    def keep_a_new_form() -> None:
        keep(memory.recall(CALLER, SITE), _answer(fields, form.origin, f"id-{time.monotonic_ns()}"))

    reading = _processor_ms(read)
    return MemoryCost(
        fields=len(recalled.entries),
        reading=reading,
        passing=max(0.0, _processor_ms(lambda: pass_on(recalled.entries)) - _processor_ms(lambda: pass_on(()))),
        recognising=_processor_ms(recognise),
        keeping=_processor_ms(lambda: keep(recalled, answer)),
        keeping_a_new_form=_processor_ms(keep_a_new_form) - reading,
    )


def _answer(fields: tuple[FieldDescriptor, ...], origin: str, predicted: str = "") -> MlClassifyResponse:
    request_id = new_request_id()
    signed = signatures([FieldView(field) for field in fields], origin)
    decisions = tuple(
        Decision(
            decision_id=str(DecisionId(request_id, SITE, position)),
            selector=field.selector,
            label=field.label,
            placeholder=field.placeholder,
            field_type=field.type,
            required=field.required,
            predicted=predicted,
            score=0.0,
            threshold_used=0.0,
            confidence_signals=(),
            decision="accepted" if predicted else "unsure",
            method="ranker",
            text=field.label,
            position=position,
            signature=str(signature),
        )
        for position, (field, signature) in enumerate(zip(fields, signed, strict=True))
    )
    return MlClassifyResponse(matches=(), model_version="", decisions=decisions, request_id=request_id)


def _processor_ms(act: Callable[[], object]) -> float:
    """The median processor time of this thread for one call, in ms."""
    taken = []
    for _ in range(WARM_UP + ROUNDS):
        start = time.thread_time()
        act()
        taken.append((time.thread_time() - start) * 1000)
    return statistics.median(taken[WARM_UP:])
