"""Settings: the environment, read once at cold start into a frozen typed model. An error names the key.

Not by pydantic-settings, whose import takes longer than all of pydantic's: it can read files, secrets and command lines, which no
function has (docs/decisions/0024-what-inference-imports.md).
"""

import os
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldwise_common.errors import SettingsError


class FunctionSettings(BaseModel):
    """Base of each function's settings, which declare only the keys that the function reads."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class AuthSettings(FunctionSettings):
    """How callers are authenticated: the same keys in every function with HTTP routes."""

    auth_issuer: str
    """The `iss` a token must have."""
    auth_audience: str
    """The `aud` a token must have, or the `client_id` if it has no `aud`. Several, separated by commas: any of them is accepted."""
    auth_jwks_url: str = ""
    """The URL of the issuer's JWKS; empty: taken from the issuer's OpenID configuration."""


S = TypeVar("S", bound=FunctionSettings)


def load_settings(model: type[S], **given: Any) -> S:
    """Reads the environment into `model`, by upper- or lower-case names; values in `given` (from a command line) take precedence.

    An empty variable counts as missing.

    Raises:
        SettingsError: naming every key that is missing or invalid; never its value.
    """
    environment = {name.lower(): value for name, value in os.environ.items() if value}
    found = {name: environment[name] for name in model.model_fields if name in environment}
    try:
        return model(**{**found, **given})
    except ValidationError as error:
        faults = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"bad settings: {faults}") from None
