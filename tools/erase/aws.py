"""AWS clients of the command. Every failure becomes one of our errors, with a message of one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

from fieldwise_common import aws
from fieldwise_common.errors import SettingsError

CALL_ERRORS = (*aws.CALL_ERRORS, ResponseParserError)
"""What a call may raise; the last when the endpoint is not AWS."""


def client(service: str) -> Any:
    """boto3's client of a service. Raises SettingsError when the region is missing or the endpoint is not a URL."""
    try:
        return boto3.client(service)
    except (BotoCoreError, ValueError) as error:  # botocore has no error of its own for a malformed endpoint
        raise SettingsError(one_line(error)) from error


@contextmanager
def store_errors(name: str) -> Iterator[None]:
    """Raises StoreError naming the resource when a call inside fails."""
    try:
        yield
    except CALL_ERRORS as error:
        raise aws.store_error(name, error) from error


def one_line(error: Exception) -> str:
    """The message of an error, without its line breaks."""
    return " ".join(str(error).split())
