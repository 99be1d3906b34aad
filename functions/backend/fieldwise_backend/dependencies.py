"""The app's dependencies: the adapters are chosen here, once per process, and handed to the routes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from fieldwise_backend.adapters.after_answer import AtOnce, Deferral, join
from fieldwise_backend.adapters.dynamodb import dynamodb_client
from fieldwise_backend.adapters.dynamodb_memory import DynamoMemory, memory_client
from fieldwise_backend.adapters.dynamodb_profiles import DynamoProfiles
from fieldwise_backend.adapters.firehose_log import FirehoseDecisionLog, firehose_client
from fieldwise_backend.adapters.inference import HttpInference
from fieldwise_backend.adapters.user_hash import SecretHashKey, secrets_provider
from fieldwise_backend.autofill.known_ids import KnownIdCheck
from fieldwise_backend.autofill.service import AutofillService, Requester
from fieldwise_backend.hashing import HashKeys
from fieldwise_backend.memory.service import Memory
from fieldwise_backend.overrides.service import OverrideService
from fieldwise_backend.profile.service import ProfileService
from fieldwise_backend.settings import BackendSettings
from fieldwise_backend.web.authentication import caller_of
from fieldwise_common.auth import Caller, make_verifier
from fieldwise_common.lambda_transport import make_http_client
from fieldwise_common.settings import load_settings
from fieldwise_common.store.model_store import open_store
from fieldwise_common.store.objects import ObjectStore

bearer = Security(HTTPBearer(auto_error=False, bearerFormat="JWT"))
"""Only describes the token in the OpenAPI document; the check itself is middleware, before any route."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The services behind the routes. `verify` checks a bearer token, and raises Unauthenticated."""

    verify: Callable[[str], Caller]
    autofill: AutofillService
    memory: Memory
    overrides: OverrideService
    profiles: ProfileService
    hash_keys: HashKeys
    deferral: Deferral


def wire_up(settings: BackendSettings, deferral: Deferral | None = None) -> Dependencies:
    """The services with their real adapters. Nothing is fetched before the first request.

    The decision log is written through `deferral`; without one, before the answer.
    """
    deferral = deferral or AtOnce()
    profiles = ProfileService(DynamoProfiles(settings.profiles_table, dynamodb_client()))
    memory = Memory(DynamoMemory(settings.profiles_table, memory_client()), _now)
    inference = HttpInference(make_http_client(settings.ml_service_url, settings.ml_timeout_seconds))
    ids = KnownIdCheck(inference, time.monotonic)
    hash_keys = SecretHashKey(settings.user_hash_secret, secrets_provider())
    log = FirehoseDecisionLog(settings.decision_stream, firehose_client(), deferral)

    @cache
    def objects() -> ObjectStore:
        return open_store(settings.model_store).objects

    return Dependencies(
        verify=make_verifier(settings).verify,
        autofill=AutofillService(inference, ids, profiles, memory, log, hash_keys, _now),
        memory=memory,
        overrides=OverrideService(objects, inference, ids, memory, hash_keys, _now),
        profiles=profiles,
        hash_keys=hash_keys,
        deferral=deferral,
    )


def _now() -> datetime:
    return datetime.now(UTC)


@cache
def production() -> Dependencies:
    """The dependencies configured by the environment. Raises SettingsError naming the wrong keys."""
    settings = load_settings(BackendSettings)
    return wire_up(settings, join(settings.aws_lambda_runtime_api))


def _of_app(request: Request) -> Dependencies:
    dependencies: Dependencies = request.app.state.dependencies
    return dependencies


async def _requester(request: Request) -> Requester:
    return Requester(caller_of(request), request.headers["authorization"])


async def _autofill(request: Request) -> AutofillService:
    return _of_app(request).autofill


async def _memory(request: Request) -> Memory:
    return _of_app(request).memory


async def _overrides(request: Request) -> OverrideService:
    return _of_app(request).overrides


async def _hash_keys(request: Request) -> HashKeys:
    return _of_app(request).hash_keys


async def _profiles(request: Request) -> ProfileService:
    return _of_app(request).profiles


CurrentRequester = Annotated[Requester, Depends(_requester)]
Autofill = Annotated[AutofillService, Depends(_autofill)]
UserMemory = Annotated[Memory, Depends(_memory)]
OverridesOfSites = Annotated[OverrideService, Depends(_overrides)]
Keys = Annotated[HashKeys, Depends(_hash_keys)]
Profiles = Annotated[ProfileService, Depends(_profiles)]
