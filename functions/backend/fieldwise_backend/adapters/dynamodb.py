"""What the adapters of the table share: the client, and its errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from fieldwise_backend.profile.ports import ConcurrentWrite
from fieldwise_common import CODE_VERSION
from fieldwise_common.aws import CALL_ERRORS, code_of, store_error
from fieldwise_common.observability import traced_part


@contextmanager
def table_call(part: str) -> Iterator[None]:
    """Traces a call as `part`. Raises ConcurrentWrite when its condition does not hold, StoreError for any other failure."""
    try:
        with traced_part(part):
            yield
    except CALL_ERRORS as error:
        if code_of(error) == "ConditionalCheckFailedException":
            raise ConcurrentWrite(f"the {part} has changed since it was read") from None
        raise store_error(f"{part} table", error) from error


def dynamodb_client(connect_seconds: float = 1, read_seconds: float = 2) -> Any:
    """boto3's DynamoDB client, with timeouts short enough for an interactive request.

    Two attempts: a connection from before the process was frozen is dead. A call is mostly boto3's own processor time, of which
    a tenth is saved by a fixed user agent and by not validating parameters, which DynamoDB does too.
    """
    limits = Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"total_max_attempts": 2},
        parameter_validation=False,
        user_agent=f"fieldwise/{CODE_VERSION}",
    )
    return boto3.client("dynamodb", config=limits)
