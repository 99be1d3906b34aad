"""Inference's own keys of the environment."""

from pydantic import Field

from fieldwise_common.settings import AuthSettings


class InferenceSettings(AuthSettings):
    """What inference needs to know: where the versions are, how often to look for a new one, and whose tokens to believe."""

    model_store: str = Field(min_length=1)
    """`s3://bucket/prefix` or a folder."""
    model_poll_seconds: float = Field(default=60.0, ge=0)
    """Seconds between two looks at the pointer."""
