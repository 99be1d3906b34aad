"""Writes the decision log: one Firehose record per request, one attempt, 300 ms at most; after the answer where that is possible."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.config import Config

from fieldwise_backend.adapters.after_answer import Deferral
from fieldwise_common import CODE_VERSION
from fieldwise_common.aws import CALL_ERRORS, code_of
from fieldwise_common.decision_log import LogRow, encode
from fieldwise_common.observability import NAMESPACE, log_bug, logger, traced_part

MAX_RECORD_BYTES = 1_000 * 1024
"""Firehose's limit for one record."""
MAX_LINE_BYTES = 100_000
"""Of rows in one log line: CloudWatch cuts lines at 256 KB, and JSON's escapes lengthen them."""
CONNECT_SECONDS = 0.1
READ_SECONDS = 0.2
FAILED = "DecisionLogFailed"


class FirehoseDecisionLog:
    """The stream `name`. `client` is boto3's Firehose client."""

    def __init__(self, name: str, client: Any, deferral: Deferral) -> None:
        self._name = name
        self._client = client
        self._deferral = deferral

    def append(self, rows: Iterable[LogRow]) -> None:
        """Makes and sends the rows, now or after the answer."""
        self._deferral.defer(partial(self._send, rows))

    def _send(self, rows: Iterable[LogRow]) -> None:
        """When a record fails, it and those after it go to the function's own log instead."""
        records = list(batches(_lines(rows), MAX_RECORD_BYTES))
        for number, record in enumerate(records):
            try:
                with traced_part("decision log"):
                    self._client.put_record(DeliveryStreamName=self._name, Record={"Data": record.encode()})
            except Exception as error:  # noqa: BLE001 whatever prevents it, the rows must not be lost
                if not isinstance(error, CALL_ERRORS):
                    log_bug(error)
                _log_instead(records[number:], code_of(error))
                return


def _lines(rows: Iterable[LogRow]) -> Iterator[str]:
    """Encodes the rows. A bug in making one ends them, is logged and counted; those before it are sent."""
    try:
        for row in rows:
            yield encode([row])
    except Exception as error:  # noqa: BLE001 the answer is on its way: nobody else reports it
        log_bug(error)
        _count_failure()


def batches(lines: Iterable[str], limit: int) -> Iterator[str]:
    """Joins lines into texts of at most `limit` bytes; a longer line is not joined with any other."""
    batch: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode())
        if batch and size + length > limit:
            yield "".join(batch)
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield "".join(batch)


def _log_instead(records: Sequence[str], error_code: str) -> None:
    """Logs the rows as CSV, so that they can be restored (docs/runbooks/decision-log-failed.md), and counts the failure."""
    lines = (line for record in records for line in record.splitlines(keepends=True))
    for batch in batches(lines, MAX_LINE_BYTES):
        logger.error("decision log failed", extra={"error": error_code, "rows": batch})
    _count_failure()


def _count_failure() -> None:
    with single_metric(name=FAILED, unit=MetricUnit.Count, value=1, namespace=NAMESPACE):
        pass  # written at once: the metrics of the invocation may have been written already


def firehose_client() -> Any:
    """boto3's Firehose client with one attempt and 300 ms in all; lean as `dynamodb_client`."""
    limits = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1},
        parameter_validation=False,
        user_agent=f"fieldwise/{CODE_VERSION}",
    )
    return boto3.client("firehose", config=limits)
