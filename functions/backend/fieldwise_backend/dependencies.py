"""What the app is made of, and the one place that picks the adapters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from fieldwise_backend.adapters.dynamodb_profiles import DynamoProfiles, dynamodb_client
from fieldwise_backend.adapters.firehose_log import FirehoseDecisionLog, firehose_client
from fieldwise_backend.adapters.inference import HttpInference
from fieldwise_backend.adapters.user_hash import SecretUserHasher, secrets_provider
from fieldwise_backend.autofill.service import AutofillService
from fieldwise_backend.profile.service import ProfileService
from fieldwise_backend.settings import BackendSettings
from fieldwise_common.auth import Caller, make_verifier
from fieldwise_common.lambda_transport import make_http_client
from fieldwise_common.settings import load_settings


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The logic behind the routes, and the check before them (which raises Unauthenticated)."""

    verify: Callable[[str], Caller]
    autofill: AutofillService
    profiles: ProfileService


def wire_up(settings: BackendSettings) -> Dependencies:
    """The real adapters for `settings`. Nothing is fetched before the first request."""
    profiles = ProfileService(DynamoProfiles(settings.profiles_table, dynamodb_client()))
    autofill = AutofillService(
        inference=HttpInference(make_http_client(settings.ml_service_url, settings.ml_timeout_seconds)),
        profiles=profiles,
        log=FirehoseDecisionLog(settings.decision_stream, firehose_client()),
        hasher=SecretUserHasher(settings.user_hash_secret, secrets_provider()),
        now=lambda: datetime.now(UTC),
    )
    return Dependencies(verify=make_verifier(settings).verify, autofill=autofill, profiles=profiles)


@cache
def production() -> Dependencies:
    """The process's own dependencies, by its environment. Raises SettingsError naming the keys that are wrong."""
    return wire_up(load_settings(BackendSettings))
