"""The decision log in a bucket: what of it is read, and what happens when S3 fails."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto import mock_aws
from tests.support.feedback_log import form, said

from fieldwise_common.decision_log import encode
from fieldwise_common.errors import DataError, StoreError
from fieldwise_training.feedback import source
from fieldwise_training.feedback.carry import NewFeedback, read_feedback
from fieldwise_training.feedback.pairs import Statement
from fieldwise_training.feedback.source import UNREAD, Mark

BUCKET = "fieldwise-data"
LOG = f"s3://{BUCKET}/decisions/"
PLAIN = b"query_key,matched_key,correct\nRufname,given-name,yes\n"
HOURS = ("2026/11/20/09", "2026/11/21/10", "2026/11/22/10")


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(key, value)


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


def body(number: int) -> bytes:
    """An object with one form and one correction of it, by a user of its own."""
    rows = form(number, f"u{number}")
    return encode([*rows, said(rows[0], "email")]).encode()


def users(new: NewFeedback) -> list[str]:
    return [vote.user for vote in new.votes]


@pytest.mark.parametrize("key", ["feedback.csv", "team/feedback.csv"])
def test_one_csv_in_a_bucket_is_read(s3: Any, key: str, tmp_path: Path) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=PLAIN)

    assert read_feedback(f"s3://{BUCKET}/{key}", UNREAD, tmp_path).statements == [Statement("Rufname", "given-name", correct=True)]


@pytest.mark.parametrize("key", ["feedback.csv", "decisions/"])
def test_a_missing_csv_and_an_empty_prefix_have_no_feedback(s3: Any, key: str, tmp_path: Path) -> None:
    new = read_feedback(f"s3://{BUCKET}/{key}", UNREAD, tmp_path)

    assert (new.votes, new.statements, new.mark) == ([], [], UNREAD)


def test_a_prefix_does_not_include_longer_names(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket=BUCKET, Key="decisions/", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="decisions-old/feedback", Body=PLAIN)

    assert read_feedback(LOG.rstrip("/"), UNREAD, tmp_path).objects == 0


def test_a_missing_bucket_is_an_error(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="NoSuchBucket"):
        read_feedback("s3://no-such-bucket/decisions/", UNREAD, tmp_path)


def test_the_hours_after_the_mark_and_those_of_the_window_before_it_are_read(s3: Any, tmp_path: Path) -> None:
    for number, hour in enumerate(HOURS):
        s3.put_object(Bucket=BUCKET, Key=f"decisions/{hour}/part-1", Body=body(number))

    everything = read_feedback(LOG, UNREAD, tmp_path)
    again = read_feedback(LOG, everything.mark, tmp_path)

    assert (users(everything), everything.mark) == (["u0", "u1", "u2"], Mark(LOG, "2026/11/22/10/"))
    assert (users(again), again.mark) == (["u1", "u2"], everything.mark)


def test_objects_beside_the_hour_folders_are_read_by_every_run(s3: Any, tmp_path: Path) -> None:
    """Those that sort before the mark are listed too: a version has only the texts of the files that its own run has read."""
    for name in ("2026-corrections.csv", "corrections.csv"):
        s3.put_object(Bucket=BUCKET, Key=f"decisions/{name}", Body=PLAIN)
    s3.put_object(Bucket=BUCKET, Key=f"decisions/{HOURS[2]}/part-1", Body=body(1))

    first = read_feedback(LOG, UNREAD, tmp_path)
    second = read_feedback(LOG, first.mark, tmp_path)

    assert (first.objects, len(first.statements)) == (second.objects, len(second.statements)) == (3, 2)
    assert users(second) == ["u1"]


def test_a_part_of_the_log_moves_the_mark_of_the_whole(s3: Any, tmp_path: Path) -> None:
    for number, hour in enumerate(("2026/10/30/23", "2026/11/22/10")):
        s3.put_object(Bucket=BUCKET, Key=f"decisions/{hour}/part-1", Body=body(number))

    part = read_feedback(f"{LOG}2026/10/", UNREAD, tmp_path)

    assert (users(part), part.mark) == (["u0"], Mark(LOG, "2026/10/30/23/"))
    assert users(read_feedback(LOG, part.mark, tmp_path)) == ["u0", "u1"]


def test_an_object_too_large_for_memory_is_named(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_OBJECT_BYTES", 10)
    s3.put_object(Bucket=BUCKET, Key="decisions/large", Body=PLAIN)

    with pytest.raises(DataError, match=r"decisions/large is larger than .* split it"):
        read_feedback(LOG, UNREAD, tmp_path)


class FaultyS3:
    """A bucket with one object per hour, which fails the first requests for each as `faults` say: a status, `slow`, `cut` or `gone`."""

    def __init__(self, *faults: int | str) -> None:
        self.faults = faults
        self.requests: Counter[str] = Counter()

    def objects(self, start_after: str) -> str:
        keys = [f"decisions/{hour}/part-1" for hour in HOURS]
        contents = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in keys if key > start_after)
        return f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"

    @contextmanager
    def running(self) -> Iterator[str]:
        faulty = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if not url.path.endswith("part-1"):
                    return self.answer(200, faulty.objects(parse_qs(url.query).get("start-after", [""])[0]).encode())
                number = faulty.requests[url.path]
                faulty.requests[url.path] += 1
                fault = faulty.faults[number] if number < len(faulty.faults) else 200
                content = body(HOURS.index(url.path.removeprefix(f"/{BUCKET}/decisions/").removesuffix("/part-1")))
                if fault == "slow":
                    time.sleep(1)
                elif fault == "cut":
                    self.answer(200, content[: len(content) // 2], len(content))
                    self.close_connection = True
                elif fault == "gone":
                    self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                else:
                    self.answer(int(fault), content if fault == 200 else b"<Error><Code>SlowDown</Code></Error>")

            def answer(self, status: int, content: bytes, length: int | None = None) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content) if length is None else length))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(source, "ATTEMPTS", 3)
    monkeypatch.setattr(source, "BODY_ATTEMPTS", 2)


@pytest.mark.parametrize("faults", [(500,), (503, 503), ("slow",), ("cut",), (503, "cut")])
def test_an_object_is_asked_for_again_when_s3_fails_or_is_slow(
    quick: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, faults: tuple[int | str, ...]
) -> None:
    faulty = FaultyS3(*faults)
    with faulty.running() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)

        new = read_feedback(LOG, UNREAD, tmp_path)

    assert (users(new), new.quarantined, new.vanished) == (["u0", "u1", "u2"], {}, 0)
    assert set(faulty.requests.values()) == {len(faults) + 1}


@pytest.mark.parametrize(
    ("fault", "code"), [(500, "500|SlowDown"), (503, "SlowDown"), ("slow", "ReadTimeoutError"), ("cut", "Incomplete|Streaming")]
)
def test_an_object_that_cant_be_read_fails_the_run_with_its_name(
    quick: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: int | str, code: str
) -> None:
    with FaultyS3(*[fault] * 9).running() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)

        with pytest.raises(StoreError, match=rf"^s3://{BUCKET}/decisions/2026/11/20/09/part-1: .*({code})"):
            read_feedback(LOG, UNREAD, tmp_path)


def test_an_object_that_is_deleted_after_the_listing_is_counted(quick: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with FaultyS3("gone").running() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)

        new = read_feedback(LOG, UNREAD, tmp_path)

    assert (users(new), new.objects, new.vanished) == ([], 3, 3)
