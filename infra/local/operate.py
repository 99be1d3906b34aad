"""Runs an operator's command against the running stack: the same command as against a stack in AWS, with the embedded one's addresses."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from local.refusal import Refusal
from local.state_folder import Running
from local.train import connect, model_store

DECISIONS = "decisions/"
"""The prefix of the decision log, in the bucket of the model store."""


def operate(running: Running, module: str, arguments: Sequence[str]) -> int:
    """Runs `python -m module` with the stack's administrator's credentials, its model store and its log; returns the exit code."""
    model_store(running)  # refuses a stack without one
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env={**os.environ, **environment(running)}, check=False).returncode  # noqa: S603 our own programs


def environment(running: Running) -> Mapping[str, str]:
    """What a command needs to know to act on the stack."""
    bucket = running.model_store.removeprefix("s3://").partition("/")[0]
    return {
        "AWS_ENDPOINT_URL": running.aws_url,
        "AWS_DEFAULT_REGION": running.region,
        "AWS_ACCESS_KEY_ID": running.access_key_id,
        "AWS_SECRET_ACCESS_KEY": running.secret_access_key,
        "MODEL_STORE": running.model_store,
        "FEEDBACK_LOG": f"s3://{bucket}/{DECISIONS}",
    }


def reload(running: Running) -> None:
    """Makes the stack's inference read pointer, overrides and shadow now. Raises Refusal if its version can't be loaded."""
    answer = connect(running).client("lambda").invoke(FunctionName=running.inference_function, Payload=json.dumps({"action": "reload"}))
    if answer.get("FunctionError"):
        raise Refusal("inference could not load its version: see .local/logs")
