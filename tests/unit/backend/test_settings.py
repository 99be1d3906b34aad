import pytest

from fieldwise_backend.autofill.service import Requester
from fieldwise_backend.dependencies import production
from fieldwise_backend.settings import BackendSettings
from fieldwise_common.auth import Caller
from fieldwise_common.errors import SettingsError
from fieldwise_common.settings import load_settings

KEYS = ("ML_SERVICE_URL", "PROFILES_TABLE", "DECISION_STREAM", "USER_HASH_SECRET", "MODEL_STORE", "AUTH_ISSUER", "AUTH_AUDIENCE")


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> pytest.MonkeyPatch:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_default_timeout_of_inference_is_five_seconds(complete: pytest.MonkeyPatch) -> None:
    complete.delenv("ML_TIMEOUT_SECONDS")

    assert load_settings(BackendSettings).ml_timeout_seconds == 5.0


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(complete: pytest.MonkeyPatch, key: str) -> None:
    complete.delenv(key)
    production.cache_clear()

    with pytest.raises(SettingsError, match=key):
        production()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ML_SERVICE_URL", "ftp://inference"),
        ("ML_SERVICE_URL", "lambda://inference"),
        ("ML_SERVICE_URL", "inference"),
        ("ML_TIMEOUT_SECONDS", "-7"),
        ("ML_TIMEOUT_SECONDS", "nan"),
        ("ML_TIMEOUT_SECONDS", "soon"),
    ],
)
def test_an_invalid_value_is_refused_by_its_key_and_not_repeated(complete: pytest.MonkeyPatch, key: str, value: str) -> None:
    complete.setenv(key, value)

    with pytest.raises(SettingsError, match=key) as refused:
        load_settings(BackendSettings)

    assert value not in str(refused.value).split()


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "https://ml.example", "lambda:///inference:live", "lambda:///arn:aws:lambda:x:1:function:f"]
)
def test_inference_may_be_reached_over_http_or_invoke(complete: pytest.MonkeyPatch, url: str) -> None:
    complete.setenv("ML_SERVICE_URL", url)

    assert load_settings(BackendSettings).ml_service_url == url


def test_a_requester_does_not_show_the_token() -> None:
    assert "secret" not in repr(Requester(Caller("iss", "sub", frozenset()), "Bearer secret"))
