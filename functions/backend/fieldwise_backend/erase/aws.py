"""How the command reaches AWS. Whatever goes wrong there is an error of ours, of one line."""

from typing import Any, NoReturn

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fieldwise_common.aws_errors import code_of
from fieldwise_common.errors import SettingsError, StoreError

REFUSALS = (ClientError, BotoCoreError, ResponseParserError)
"""What a call may raise; the last when something else than AWS answers."""


def client(service: str) -> Any:
    """boto3's client of a service. Raises SettingsError when the environment names no region, or an endpoint that is none."""
    try:
        return boto3.client(service)
    except (BotoCoreError, ValueError) as error:  # botocore has no error of its own for a malformed endpoint
        raise SettingsError(one_line(error)) from error


def refuse(name: str, error: Exception) -> NoReturn:
    """Raises StoreError: what was asked for, and why it can't be had."""
    raise StoreError(f"{name}: {code_of(error)}") from error


def one_line(error: Exception) -> str:
    """The message of an error, without its line breaks."""
    return " ".join(str(error).split())
