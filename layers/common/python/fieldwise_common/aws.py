"""Errors of AWS calls, reported by their code alone: AWS's messages may quote what was sent."""

from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.errors import StoreError

CALL_ERRORS = (ClientError, BotoCoreError)
"""What a call of a boto3 client may raise: the service refused it, or sent no usable response."""


def code_of(error: BaseException) -> str:
    """The service's error code (`AccessDeniedException`); without a response, the exception's type (`ReadTimeoutError`)."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else type(error).__name__


def store_error(name: str, error: BaseException) -> StoreError:
    """A StoreError that names the resource and the code, to be raised `from` the error."""
    return StoreError(f"{name}: {code_of(error)}")
