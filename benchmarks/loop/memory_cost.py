"""The processor time that a user's memory adds to a classify: reading it, passing it on, recognising the fields, keeping the form.

Each part by itself, in this thread, against a running stack's table, whose own time does not count.
"""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from benchmarks.loop.people import SiteForm
from pydantic import BaseModel

from fieldwise_backend.adapters.dynamodb_memory import DynamoMemory, memory_client
from fieldwise_backend.memory.service import Memory
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


def measure_memory(stack: Stack, form: SiteForm) -> MemoryCost:
    """Remembers every field of `form` for a user of its own, and times each part."""
    credentials = stack.admin.credentials
    os.environ.update(
        AWS_ENDPOINT_URL_DYNAMODB=stack.admin.url,
        AWS_DEFAULT_REGION=stack.admin.region,
        AWS_ACCESS_KEY_ID=credentials.access_key_id,
        AWS_SECRET_ACCESS_KEY=credentials.secret_access_key,
    )
    [table] = [properties["TableName"] for properties in stack.blueprint.of_type("AWS::DynamoDB::Table").values()]
    memory = Memory(DynamoMemory(table, memory_client()), lambda: datetime.now(UTC))
    fields = tuple(FieldDescriptor.model_validate(field) for field in form.fields)
    answer = _answer(fields, form.origin)
    keep = partial(memory.keep_form, CALLER, SITE, form.origin)
    keep(memory.recall(CALLER, SITE), answer)
    for field in fields:
        feedback = FeedbackRequest(selector=field.selector, canonical=NOTHING, feedback="incorrect", corrected_to="nickname")
        found = memory.find(CALLER, [SITE], "", feedback)
        if found is not None:
            memory.learn(CALLER, found, feedback)
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
    cost = MemoryCost(
        fields=len(recalled.entries),
        reading=reading,
        passing=max(0.0, _processor_ms(lambda: pass_on(recalled.entries)) - _processor_ms(lambda: pass_on(()))),
        recognising=_processor_ms(recognise),
        keeping=_processor_ms(lambda: keep(recalled, answer)),
        keeping_a_new_form=_processor_ms(keep_a_new_form) - reading,
    )
    memory.forget(CALLER)
    return cost


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
