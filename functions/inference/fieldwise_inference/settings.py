"""Inference's settings, from the environment."""

from pydantic import Field

from fieldwise_common.settings import AuthSettings


class InferenceSettings(AuthSettings):
    """What inference reads from its environment, besides the authentication settings."""

    model_store: str = Field(min_length=1)
    """`s3://bucket/prefix` or a folder."""
    model_poll_seconds: float = Field(default=60.0, ge=0)
    """Seconds between two reads of the pointer."""
