import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber
from tests.support.server import Answer, Server
from tests.unit.backend.conftest import BUCKET, STREAM, Lines

from fieldwise_backend.adapters.after_answer import AtOnce
from fieldwise_backend.adapters.firehose_log import MAX_LINE_BYTES, MAX_RECORD_BYTES, FirehoseDecisionLog, batches, firehose_client
from fieldwise_common.decision_log import LogRow, decode, encode


def rows(count: int, text: str = "label") -> list[LogRow]:
    return [LogRow(timestamp="2026-11-22T10:15:00.000Z", route="classify", selector=f"#{n}", label=text) for n in range(count)]


def objects() -> list[bytes]:
    s3 = boto3.client("s3")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    return [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys]


def failures(capsys: pytest.CaptureFixture[str]) -> list[float]:
    """The metric of failed writes, as written to the function's log."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [count for line in lines for count in line.get("DecisionLogFailed", ())]


def test_a_record_ends_in_a_newline(aws: None) -> None:
    FirehoseDecisionLog(STREAM, firehose_client(), AtOnce()).append(rows(2))

    (content,) = objects()
    assert content.endswith(b"\n")
    assert list(decode(content.decode(), "log")) == rows(2)


def test_without_rows_no_record_is_sent(aws: None) -> None:
    FirehoseDecisionLog(STREAM, firehose_client(), AtOnce()).append([])

    assert objects() == []


def test_rows_over_the_record_limit_are_split_between_rows(aws: None) -> None:
    written = rows(300, "ж" * 2_000)

    FirehoseDecisionLog(STREAM, firehose_client(), AtOnce()).append(written)

    contents = objects()
    assert len(contents) == 2
    assert all(len(content) <= MAX_RECORD_BYTES for content in contents)
    assert sorted(row.selector for c in contents for row in decode(c.decode(), "log")) == sorted(row.selector for row in written)


def test_a_line_over_the_limit_is_a_batch_of_its_own() -> None:
    assert list(batches(["a", "bbbb", "c", "d"], 2)) == ["a", "bbbb", "cd"]


def test_from_the_first_failing_record_on_all_rows_go_to_the_functions_log(
    aws: None, logged: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    client = firehose_client()
    written = rows(300, "ж" * 2_000)

    with Stubber(client) as stub:
        stub.add_response("put_record", {"RecordId": "1"})
        stub.add_client_error("put_record", "ServiceUnavailableException")
        FirehoseDecisionLog(STREAM, client, AtOnce()).append(written)

    lines = logged.named("decision log failed")
    kept = [row for line in lines for row in decode(line.rows, "line")]
    sent = len(next(batches((encode([row]) for row in written), MAX_RECORD_BYTES)).splitlines())
    assert kept == written[sent:]
    assert all(len(line.rows.encode()) <= MAX_LINE_BYTES for line in lines)
    assert failures(capsys) == [1.0]


def test_a_bug_in_making_a_row_is_counted_and_named_by_its_place_and_the_rows_before_it_are_sent(
    aws: None, logged: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    def made() -> Iterator[LogRow]:
        yield from rows(2)
        raise KeyError("tell-nobody")

    FirehoseDecisionLog(STREAM, firehose_client(), AtOnce()).append(made())

    assert [row for content in objects() for row in decode(content.decode(), "log")] == rows(2)
    [line] = logged.named("unhandled error")
    assert (line.error, line.place) == ("KeyError", f"{__file__}:{made.__code__.co_firstlineno + 2}")
    assert failures(capsys) == [1.0]
    assert "tell-nobody" not in logged.everything()


def test_a_bug_in_sending_is_counted_and_the_rows_go_to_the_functions_log(
    aws: None, logged: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    client = firehose_client()

    def fail(**_: object) -> None:
        raise RuntimeError("tell-nobody")

    client.meta.events.register("before-send.firehose.PutRecord", fail)
    FirehoseDecisionLog(STREAM, client, AtOnce()).append(rows(2))

    [line] = logged.named("decision log failed")
    assert (line.error, list(decode(line.rows, "line"))) == ("RuntimeError", rows(2))
    assert logged.named("unhandled error")[0].place == f"{__file__}:{fail.__code__.co_firstlineno + 1}"
    assert failures(capsys) == [1.0]
    assert "tell-nobody" not in logged.everything()


def test_a_stream_that_does_not_answer_is_tried_once_and_times_out(
    monkeypatch: pytest.MonkeyPatch, server: Server, logged: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_FIREHOSE", server.url)
    server.answers["/"] = Answer(after_seconds=3.0)
    log = FirehoseDecisionLog(STREAM, firehose_client(), AtOnce())

    log.append(rows(1))

    assert len([r for r in server.received if r.path == "/"]) == 1
    assert logged.named("decision log failed")[0].error == "ReadTimeoutError"
    assert failures(capsys) == [1.0]
