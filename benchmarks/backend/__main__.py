"""`make bench-backend`: the processor time of the backend's handler for forms of 1, 20 and 300 fields, by part.

Beside it, request by request, a reference that does only what can't be left out: a bare FastAPI route under Mangum that returns
the same answer to the same body, and bare boto3 clients that make the same calls. Then the time until the answer, with the log
written before it and after it, and a Firehose that takes its time.
"""

import base64
import importlib
import io
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, cycle, islice
from typing import Annotated, Any
from unittest.mock import patch

import boto3
import typer
from benchmarks.backend.parts import WEB, Stopwatch, timed_parts
from benchmarks.backend.services import (
    CLASSIFY,
    FILL,
    FIREHOSE_SECONDS,
    ISSUER_KEYS,
    PROFILE_ITEM,
    SECRET,
    SITE_ITEM,
    STORED,
    Services,
    running_services,
)
from benchmarks.shared.forms import held_out_forms
from benchmarks.shared.output import stdout, table
from benchmarks.shared.profile import PROFILE
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI, Request, Response
from mangum import Mangum

from fieldwise_backend.adapters.after_answer import Work
from fieldwise_backend.memory.recents import fields_text, with_form
from fieldwise_common.decision_ids import DecisionId, new_request_id
from fieldwise_common.wire import ClassifyRequest, Decision, Fill, FillResponse, Match, MlClassifyResponse, dump
from local.issuer import AUDIENCE, ISSUER, Issuer

SIZES = (1, 20, 300)
BEFORE, AFTER, IN_ALL = "before the answer", "after the answer: the decision log", "in all"
REFERENCE, RATIO = "the reference", "in all / the reference"
SITE = "0123456789abcdef"
ACCEPTED = 0.7
"""Share of the fields that get an answer, about as in real forms."""
FIREHOSE_MS = (0, 5, 20)


@dataclass(frozen=True, slots=True)
class Case:
    """One request, and what the services answer while it is made."""

    name: str
    path: str
    body: bytes
    answers: Mapping[str, Any]
    calls: tuple[str, ...]
    """What the handler calls, by name of `Calls`."""


def cases(size: int) -> list[Case]:
    """Classify for a form that is new to the user, for one they classified before, and fill."""
    examples = chain.from_iterable(form.fields for form in held_out_forms())
    fields = [example.described(position) for position, example in enumerate(islice(cycle(list(examples)), size))]
    form = {"fields": [dump(field) for field in fields], "page": {"origin": "https://shop.example"}}
    read = ClassifyRequest.model_validate(form)
    request_id = new_request_id()
    accepted = [(position * ACCEPTED) % 1 < ACCEPTED for position in range(size)]
    decisions = tuple(
        Decision(
            decision_id=str(DecisionId(request_id, SITE, position)),
            selector=field.selector,
            label=field.label,
            placeholder=field.placeholder,
            field_type=field.type,
            required=field.required,
            predicted="given-name",
            score=0.987654,
            threshold_used=0.5,
            confidence_signals=("ranker", "lexical:label=given-name"),
            decision="accepted" if accepted[position] else "unsure",
            method="ranker",
            text=field.label,
            position=position,
            signature=f"{position:08x}-{position:08x}-{position}",
        )
        for position, field in enumerate(read.fields)
    )
    matches = tuple(
        Match(
            selector=d.selector,
            canonical=d.predicted,
            score=d.score,
            threshold_used=d.threshold_used,
            confidence_signals=d.confidence_signals,
            method=d.method,
            decision_id=d.decision_id,
            field=read.fields[d.position].slice(),
        )
        for d in decisions
        if d.decision == "accepted"
    )
    answer = MlClassifyResponse(matches=matches, model_version="v1", decisions=decisions, request_id=request_id, code="c0ffee")
    fills = tuple(
        Fill(selector=m.selector, canonical=m.canonical, value="Marisol", confidence="high", decision_id=m.decision_id) for m in matches
    )
    recent = with_form("", request_id, fields_text(decisions), int(datetime.now(UTC).timestamp()))
    known = {"owner": {"S": "me"}, "origin": {"S": "https://shop.example"}, "recent": {"S": recent}}
    classified = {CLASSIFY: _inference(dump(answer))}
    sent = json.dumps(form).encode()
    to_fill = json.dumps({"matches": [m.model_dump(mode="json", exclude_none=True) for m in matches]}).encode()
    return [
        Case("classify, a new form", "/api/autofill/classify", sent, {**classified, SITE_ITEM: {}}, ("get", "invoke", "put", "update")),
        Case(
            "classify, a known form", "/api/autofill/classify", sent, {**classified, SITE_ITEM: {"Item": known}}, ("get", "invoke", "put")
        ),
        Case(
            "fill",
            "/api/autofill/fill",
            to_fill,
            {FILL: _inference(dump(FillResponse(fills=fills, unfilled=())))},
            ("get", "invoke", "put"),
        ),
    ]


def _inference(document: object) -> dict[str, Any]:
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(document), "isBase64Encoded": False}


class Later:
    """The deferral as in Lambda, without the extension: what was deferred is done by `finish`, after the answer."""

    def __init__(self) -> None:
        self._deferred: list[Work] = []
        self.is_later = True
        """If not, everything is done at once, before the answer."""

    def defer(self, work: Work) -> None:
        """Keeps it for later."""
        if self.is_later:
            self._deferred.append(work)
        else:
            work()

    def answered(self, request_id: str) -> None:
        """Leaves it to `finish`, so that the answer can be timed."""

    def finish(self) -> None:
        """Does it."""
        for work in self._deferred:
            work()
        self._deferred.clear()


class Calls:
    """The calls of a request by bare boto3 clients, with boto3's own settings."""

    def __init__(self) -> None:
        self._table, self._stream, self._lambda = boto3.client("dynamodb"), boto3.client("firehose"), boto3.client("lambda")

    def get(self, _: bytes) -> None:
        """DynamoDB."""
        self._table.get_item(TableName="profiles", Key={"owner": {"S": "me/site/1"}}, ConsistentRead=True)

    def update(self, _: bytes) -> None:
        """DynamoDB."""
        self._table.update_item(TableName="profiles", Key={"owner": {"S": "me/site/1"}})

    def invoke(self, body: bytes) -> None:
        """Lambda, with the same body and answer."""
        answer = self._lambda.invoke(FunctionName="inference:live", Payload=json.dumps({"body": body.decode()}).encode())
        json.loads(answer["Payload"].read())

    def put(self, body: bytes) -> None:
        """Firehose, with a record about as large as that of the decision log."""
        self._stream.put_record(DeliveryStreamName="decisions", Record={"Data": body})


def reference(answer: bytes) -> Callable[[dict[str, Any], Any], Any]:
    """A bare application that reads the body as JSON and returns `answer`."""
    app = FastAPI()

    @app.post("/{path:path}")
    async def echo(request: Request) -> Response:
        await request.json()
        return Response(answer, media_type="application/json")

    return Mangum(app, lifespan="off", text_mime_types=["application/json"])


class Context:
    """Of an invocation, what Powertools reads."""

    function_name = "backend"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:backend"
    aws_request_id = "6f1c2a4e"


def event(case: Case, token: str) -> dict[str, Any]:
    """The request as the HTTP API passes it on."""
    return {
        "version": "2.0",
        "routeKey": f"POST {case.path}",
        "rawPath": case.path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "host": "api.example",
            "user-agent": "Mozilla/5.0",
            "x-amzn-trace-id": "Root=1-69218f3a-0f1e2d3c4b5a69788796a5b4",
        },
        "requestContext": {
            "accountId": "123456789012",
            "domainName": "api.example",
            "http": {"method": "POST", "path": case.path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "Mozilla/5.0"},
            "requestId": "r",
            "routeKey": f"POST {case.path}",
            "stage": "$default",
        },
        "body": base64.b64encode(case.body).decode(),
        "isBase64Encoded": True,
    }


def prepare(services: Services, issuer: Issuer, later: Later) -> Any:
    """The real handler, imported as in a cold start, with `services` for AWS and `later` for the Extensions API."""
    os.environ |= {
        "AWS_ENDPOINT_URL": services.url,
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "POWERTOOLS_SERVICE_NAME": "backend",
        "POWERTOOLS_TRACE_DISABLED": "1",
        "POWERTOOLS_LOG_LEVEL": "WARNING",
        "ML_SERVICE_URL": "lambda:///inference:live",
        "PROFILES_TABLE": "profiles",
        "DECISION_STREAM": "decisions",
        "USER_HASH_SECRET": "key",
        "MODEL_STORE": "s3://data/models",
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS_URL": f"{services.url}/keys",
    }
    profile = {"Item": {"owner": {"S": "me"}, "etag": {"S": '"1"'}, "document": {"S": PROFILE.read_text("utf-8")}}}
    services.answer(
        {ISSUER_KEYS: issuer.jwks(), SECRET: {"SecretString": "key", "Name": "key"}, STORED: {"RecordId": "1"}, PROFILE_ITEM: profile}
    )
    with patch("fieldwise_backend.dependencies.join", lambda _: later):
        return importlib.import_module("fieldwise_backend.handler").lambda_handler


def measure(handler: Any, later: Later, case: Case, token: str, rounds: int, stopwatch: Stopwatch) -> tuple[dict[str, float], float]:
    """The medians of processor ms by part, and of the reference; the two take turns."""
    asked = event(case, token)
    answered = handler(asked, Context())
    if answered["statusCode"] != 200:
        raise SystemExit(f"{case.name}: {answered['statusCode']} {answered['body'][:200]}")
    bare, calls = reference(answered["body"].encode()), Calls()
    parts: list[dict[str, float]] = []
    bare_ms: list[float] = []
    for _ in range(rounds + rounds // 5):
        stopwatch.start()
        handler(asked, Context())
        before = stopwatch.stop()
        start = time.process_time()
        later.finish()
        after = (time.process_time() - start) * 1000
        parts.append({**before, BEFORE: sum(before.values()), AFTER: after, IN_ALL: sum(before.values()) + after})
        start = time.process_time()
        bare(asked, Context())
        for call in case.calls:
            getattr(calls, call)(case.body)
        bare_ms.append((time.process_time() - start) * 1000)
    parts, bare_ms = parts[rounds // 5 :], bare_ms[rounds // 5 :]
    names = [*dict.fromkeys(chain.from_iterable(parts))]
    return {name: statistics.median(one.get(name, 0.0) for one in parts) for name in names}, statistics.median(bare_ms)


def elapsed(handler: Any, later: Later, case: Case, token: str, rounds: int) -> dict[bool, list[float]]:
    """Milliseconds until the answer, by whether the log is written after it; the two take turns."""
    asked = event(case, token)
    taken: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * rounds):
        later.is_later = bool(number % 2)
        start = time.perf_counter()
        handler(asked, Context())
        taken[later.is_later].append((time.perf_counter() - start) * 1000)
        later.finish()
    return taken


def main(rounds: Annotated[int, typer.Option(min=5, help="Requests of each kind and size.")] = 100) -> None:
    """Prints the tables."""
    warnings.filterwarnings("ignore", message="No application metrics to publish")
    issuer = Issuer(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    console = stdout()
    console.file = sys.stdout
    with running_services() as services, timed_parts() as stopwatch, redirect_stdout(io.StringIO()):  # the metrics of every invocation
        later = Later()
        handler = prepare(services, issuer, later)
        token = issuer.token("ada")
        every = {size: cases(size) for size in SIZES}
        for number, name in enumerate(case.name for case in every[SIZES[0]]):
            columns: list[dict[str, float]] = []
            for size in SIZES:
                case = every[size][number]
                services.answer(case.answers)
                parts, bare = measure(handler, later, case, token, max(5, rounds // (1 + size // 30)), stopwatch)
                columns.append({**parts, REFERENCE: bare, RATIO: parts[IN_ALL] / bare})
            shown = table(f"{name}: processor ms", "part", *(f"{size} fields" for size in SIZES))
            last = (WEB, BEFORE, AFTER, IN_ALL, REFERENCE, RATIO)
            for part in [*(part for part in columns[1] if part not in last), *last]:
                shown.add_row(part, *(f"{column.get(part, 0):.2f}" for column in columns))
            console.print(shown)
        shown = table("20 fields: elapsed ms until the answer, median / p99", "Firehose takes; the log", *(case.name for case in every[20]))
        for milliseconds in FIREHOSE_MS:
            services.answer({FIREHOSE_SECONDS: milliseconds / 1000})
            found = []
            for case in every[20]:
                services.answer(case.answers)
                found.append(elapsed(handler, later, case, token, rounds))
            for is_later, words in ((False, "before the answer"), (True, "after it")):
                cells = (f"{statistics.median(one[is_later]):.1f} / {statistics.quantiles(one[is_later], n=100)[98]:.1f}" for one in found)
                shown.add_row(f"{milliseconds} ms; {words}", *cells)
        console.print(shown)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        typer.run(main)
