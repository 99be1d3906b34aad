"""The decision log's writing side: one Firehose record per request, one attempt, 300 ms at most."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.aws_errors import code_of
from fieldwise_common.decision_log import LogRow, encode
from fieldwise_common.observability import logger, metrics, traced_part

MAX_RECORD_BYTES = 1_000 * 1024
"""Of one Firehose record."""
MAX_LINE_BYTES = 100_000
"""Of rows in one log line; CloudWatch cuts lines at 256 KB, and JSON's escapes lengthen them."""
CONNECT_SECONDS = 0.1
READ_SECONDS = 0.2
FAILED = "DecisionLogFailed"


class FirehoseDecisionLog:
    """The stream `name`. `client` is boto3's Firehose client."""

    def __init__(self, name: str, client: Any) -> None:
        self._name = name
        self._client = client

    def append(self, rows: Sequence[LogRow]) -> None:
        """Sends the rows; after the first record that fails, it and those after it go to the function's own log."""
        records = list(in_parts(map(_line, rows), MAX_RECORD_BYTES))
        for number, record in enumerate(records):
            try:
                with traced_part("decision log"):
                    self._client.put_record(DeliveryStreamName=self._name, Record={"Data": record.encode()})
            except (ClientError, BotoCoreError) as error:
                _keep(records[number:], error)
                return


def _line(row: LogRow) -> str:
    return encode([row])


def in_parts(lines: Iterable[str], limit: int) -> Iterator[str]:
    """Lines joined into texts of `limit` bytes at most; a single longer line is a text of its own."""
    part: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode())
        if part and size + length > limit:
            yield "".join(part)
            part, size = [], 0
        part.append(line)
        size += length
    if part:
        yield "".join(part)


def _keep(records: Sequence[str], error: ClientError | BotoCoreError) -> None:
    """The rows as structured log lines, in the log's own encoding, so that they can be put back; and a count of it."""
    code = code_of(error)
    lines = [line for record in records for line in record.splitlines(keepends=True)]
    for part in in_parts(lines, MAX_LINE_BYTES):
        logger.error("decision log failed", extra={"error": code, "rows": part})
    metrics.add_metric(name=FAILED, unit=MetricUnit.Count, value=1)


def firehose_client() -> Any:
    """boto3's Firehose client with one attempt and 300 ms in all."""
    limits = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1})
    return boto3.client("firehose", config=limits)
