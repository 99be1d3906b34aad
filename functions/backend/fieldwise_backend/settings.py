"""The backend's settings, from the environment."""

from typing import Annotated

from pydantic import Field

from fieldwise_common.settings import AuthSettings


class BackendSettings(AuthSettings):
    """What the backend reads from its environment, besides the authentication settings."""

    ml_service_url: Annotated[str, Field(pattern=r"^(https?://[^/]|lambda:///[^/])")]
    """Inference: `http(s)://host[:port]`, or `lambda:///<function name or ARN>[:alias]`."""
    ml_timeout_seconds: Annotated[float, Field(gt=0, le=29, allow_inf_nan=False)] = 5.0
    """How long to wait for inference; API Gateway's own limit is 30 s."""
    profiles_table: str
    """DynamoDB table of the profiles and the memories, with the partition key `owner`."""
    decision_stream: str
    """Firehose stream of the decision log."""
    user_hash_secret: str
    """Name or ARN of the secret that keys the hashes of users and sites."""
    aws_lambda_runtime_api: str = ""
    """Host and port of Lambda's Runtime API, as Lambda sets it; empty outside of Lambda."""
    model_store: str
    """`s3://bucket/prefix` or a folder; of it, the overrides alone are read and written."""
