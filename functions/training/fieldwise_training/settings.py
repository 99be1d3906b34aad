"""The training function's settings, from its environment."""

from pydantic import Field, SecretStr

from fieldwise_common.settings import FunctionSettings


class TrainingSettings(FunctionSettings):
    """Defaults of a run; an execution's parameters of the same name override them."""

    model_store: str
    """`s3://bucket/prefix` or a folder."""
    feedback_log: str = ""
    """`s3://bucket/decisions/`, a folder with the same content, or a CSV; read in the modes that learn from feedback."""
    base_model: str = ""
    """A path or a hub name; empty: the model that is part of the image."""
    min_accuracy: float = Field(default=0.8, ge=0, le=1)
    lex_threshold: float | None = Field(default=None, ge=0, le=1)
    """The lowest similarity of a fuzzy match in the lexicon; None: each training fits it."""
    wrong_fill_budget: float | None = Field(default=None, gt=0, le=0.5)
    """The share of fills that may be wrong; None: there is no budget."""
    site_quorum: int = Field(default=3, ge=1, le=100)
    """Distinct users who must agree on a field of a site before their answer is given to everyone."""
    computes: str = "lambda"
    """Where this stack can run long steps, separated by commas: lambda, ecs, sagemaker."""
    ml_service_reload_url: str = ""
    """`http(s)://…` or `lambda:///function`; empty: inference is not notified."""
    ml_service_reload_token: SecretStr = SecretStr("")
    """Sent as a bearer token when the reload goes over http(s)."""
    event_bus: str = ""
    """The EventBridge bus that events are published to, by name or ARN; empty: none are published."""
