"""`make versions`, `history`, `rollback` and `prune`: training's own commands, on the running stack's store.

They run in a process with the environment that a function of the stack has, since nothing here knows training's code.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from local.refusal import Refusal
from local.state_folder import Running


def run_command(running: Running, arguments: Sequence[str]) -> int:
    """Runs a command of `fieldwise_training`; returns its exit code. Raises Refusal if the template has no model store."""
    if not running.model_store:
        raise Refusal("no function of the template has MODEL_STORE in its Environment, so there are no versions: add it")
    return subprocess.run([sys.executable, "-m", "fieldwise_training", *arguments], env=_environment(running), check=False).returncode  # noqa: S603 our own program


def _environment(running: Running) -> dict[str, str]:
    own = {
        "MODEL_STORE": running.model_store,
        "EVENT_BUS": running.event_bus,
        "ML_SERVICE_RELOAD_URL": f"lambda:///{running.inference_function}" if running.inference_function else "",
        "AWS_ENDPOINT_URL": running.aws_url,
        "AWS_DEFAULT_REGION": running.region,
        "AWS_ACCESS_KEY_ID": running.access_key_id,
        "AWS_SECRET_ACCESS_KEY": running.secret_access_key,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    return {**os.environ, **own}
