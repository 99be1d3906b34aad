import json

import pytest

from fieldwise_common.observability import NAMESPACE, count_by_version, metrics, timed_part


def test_a_count_by_version_is_written_at_once_with_service_and_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "inference")

    count_by_version("ModelVersionLive", 1, "v1")

    written = json.loads(capsys.readouterr().out)
    (described,) = written["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == NAMESPACE
    assert sorted(described["Dimensions"][0]) == ["model_version", "service"]
    assert (written["ModelVersionLive"], written["model_version"], written["service"]) == ([1.0], "v1", "inference")


def test_a_part_is_timed_in_milliseconds_and_its_error_goes_on() -> None:
    metrics.clear_metrics()

    with timed_part("embed"):
        pass
    with pytest.raises(ZeroDivisionError), timed_part("search"):
        raise ZeroDivisionError

    assert set(metrics.metric_set) == {"EmbedTime"}
    assert metrics.metric_set["EmbedTime"]["Unit"] == "Milliseconds"
    assert metrics.metric_set["EmbedTime"]["Value"][0] >= 0
    metrics.clear_metrics()
