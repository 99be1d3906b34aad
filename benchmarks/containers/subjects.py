"""What is started: the two images as `sam build` tags them, and beside them their base with a handler that does nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = {"AUTH_ISSUER": "https://issuer.invalid", "AUTH_AUDIENCE": "nobody", "POWERTOOLS_TRACE_DISABLED": "true"}
STORE = "/models"
"""Where a container sees the model store."""
EMPTY = Path(__file__).parent / "empty"


@dataclass(frozen=True, slots=True)
class Subject:
    """An image, what it is started with, and the event it is asked with. `folders` are seen by the container, read-only."""

    name: str
    image: str
    event: Mapping[str, object]
    environment: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[Path, str] = field(default_factory=dict)
    command: str | None = None


def inference(store: Path) -> Subject:
    """Inference with the version that `store`, a folder, publishes; the first answer includes loading it."""
    return Subject(
        name="inference",
        image="inferencefunction:inference",
        event={"action": "warm"},
        environment={**NOBODY, "POWERTOOLS_SERVICE_NAME": "inference", "MODEL_STORE": STORE},
        folders={store: STORE},
    )


def training() -> Subject:
    """Training up to the end of its first step."""
    return Subject(
        name="training",
        image="trainingfunction:training",
        event={"step": "validate", "run_id": "start", "state": {"mode": "smoke-test", "parameters": {}}},
        environment={**NOBODY, "POWERTOOLS_SERVICE_NAME": "training", "MODEL_STORE": "/tmp/models"},  # noqa: S108 the container's own
    )


def base(image: str) -> Subject:
    """The reference: what a start costs before there is any code of ours."""
    return Subject(name="an empty handler", image=image, event={}, folders={EMPTY: "/var/task"}, command="handler.lambda_handler")
