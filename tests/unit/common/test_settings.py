import pytest

from fieldwise_common.errors import SettingsError
from fieldwise_common.settings import FunctionSettings, load_settings


class Settings(FunctionSettings):
    name: str
    seconds: float = 60.0


def test_the_environment_is_read_in_either_case_and_given_values_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "environment")
    monkeypatch.setenv("seconds", "2.5")

    assert load_settings(Settings) == Settings(name="environment", seconds=2.5)
    assert load_settings(Settings, name="given").name == "given"


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "")
    monkeypatch.setenv("SECONDS", "")

    with pytest.raises(SettingsError, match=r"^bad settings: NAME: Field required$"):
        load_settings(Settings)
    assert load_settings(Settings, name="given").seconds == 60.0


def test_every_wrong_key_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAME", raising=False)
    monkeypatch.setenv("SECONDS", "tell-nobody")

    with pytest.raises(SettingsError, match=r"NAME: .*; SECONDS: ") as refused:
        load_settings(Settings)
    assert "tell-nobody" not in str(refused.value)
