"""Settings: the environment, read once at cold start into a frozen typed model. An error names the key."""

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from fieldwise_common.errors import SettingsError


class FunctionSettings(BaseSettings):
    """Base of each function's settings, which declare only the keys that the function reads."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False, env_ignore_empty=True)


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
    """Reads the environment into `model`; values in `given` (from a command line) take precedence.

    Raises:
        SettingsError: naming every key that is missing or invalid; never its value.
    """
    try:
        return model(**given)
    except ValidationError as error:
        faults = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"bad settings: {faults}") from None
