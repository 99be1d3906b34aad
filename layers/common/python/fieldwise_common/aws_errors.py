"""What AWS refused with, by name alone: its messages may quote what was sent."""

from botocore.exceptions import ClientError


def code_of(error: BaseException) -> str:
    """The code a service answered with (`AccessDeniedException`); where none answered, the error's type (`ReadTimeoutError`)."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
