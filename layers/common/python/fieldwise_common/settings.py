"""The environment, read once at cold start into a frozen typed model; a failure names the key."""

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from fieldwise_common.errors import SettingsError


class FunctionSettings(BaseSettings):
    """Base of each function's own settings: it declares only the keys it reads."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False, env_ignore_empty=True)


class AuthSettings(FunctionSettings):
    """How callers are recognised; the same keys in every function that answers HTTP."""

    auth_issuer: str
    """`iss` a token must carry."""
    auth_audience: str
    """`aud` a token must carry, or `client_id` where it has no `aud`. Several, separated by commas, are each accepted."""
    auth_jwks_url: str = ""
    """Where the issuer publishes its keys; empty: found through the issuer's OpenID configuration."""


S = TypeVar("S", bound=FunctionSettings)


def load_settings(model: type[S], **given: Any) -> S:
    """Reads the environment into `model`; what is `given` (by a command line) wins over it.

    Raises:
        SettingsError: naming every key that is missing or wrong; never its value.
    """
    try:
        return model(**given)
    except ValidationError as error:
        faults = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"bad settings: {faults}") from None
