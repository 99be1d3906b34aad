import json
import re
from typing import Any

import pytest
from tests.infrastructure.conftest import ROOT, blueprint_sized, blueprint_with

from local.template.blueprint import Blueprint

NAMESPACE = "Fieldwise/test"
WANTED = {
    "backend-errors",
    "inference-errors",
    "server-errors",
    "throttles",
    "latency",
    "model-load-failed",
    "stale-model",
    "training-failed",
    "decision-log-failed",
    "decision-log-late",
    "user-hash-failed",
    "memory-failed",
}
SOURCES = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers").rglob("*.py")]
BY_POWERTOOLS = {"ColdStart"}
PARTS = {"StoreTime", "EmbedTime", "SearchTime", "RankTime"}
SHOWN = {
    *("Count", "4xx", "5xx", "Latency", "Duration", "Errors", "Throttles", "ColdStart", *PARTS),
    *("FieldsClassified", "FieldsAccepted", "FieldsUnsure", "FillCount", "UnfilledCount"),
    *(
        "ModelAgeDays",
        "ModelLoadFailed",
        "DecisionLogFailed",
        "UserHashFailed",
        "MemoryFailed",
        "ShadowFailed",
        "DeliveryToS3.DataFreshness",
    ),
    *("ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"),
}


@pytest.fixture
def alarms(blueprint: Blueprint) -> dict[str, dict[str, Any]]:
    return {alarm["AlarmName"].removeprefix("test-"): alarm for alarm in blueprint.of_type("AWS::CloudWatch::Alarm").values()}


@pytest.fixture
def widgets(blueprint: Blueprint) -> list[dict[str, Any]]:
    (dashboard,) = blueprint.of_type("AWS::CloudWatch::Dashboard").values()
    found: list[dict[str, Any]] = [widget["properties"] for widget in json.loads(dashboard["DashboardBody"])["widgets"]]
    return found


def lines(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    return [line for widget in widgets for line in widget["metrics"] if isinstance(line[0], str)]


def emitted(name: str) -> bool:
    """Whether some code writes a metric, by its name or as the duration of a part."""
    part = name.removesuffix("Time").lower()
    return any(f'"{name}"' in text or f'timed_part("{part}")' in text for text in (path.read_text("utf-8") for path in SOURCES))


def test_there_is_an_alarm_for_everything_that_needs_an_operator(alarms: dict[str, dict[str, Any]]) -> None:
    assert set(alarms) == WANTED


def test_every_alarm_goes_to_the_topic_and_so_does_its_end(alarms: dict[str, dict[str, Any]]) -> None:
    assert {(*alarm["AlarmActions"], *alarm["OKActions"]) for alarm in alarms.values()} == {("AlarmTopic", "AlarmTopic")}
    assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"notBreaching"}


def test_every_alarm_leads_to_its_page_and_every_page_has_its_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    linked = {name: alarm["AlarmDescription"].rsplit(" ", 1)[1] for name, alarm in alarms.items()}
    pages = {page.stem for page in (ROOT / "docs/runbooks").glob("*.md")} - {"README"}

    assert linked == {name: f"docs/runbooks/{name}.md" for name in alarms}
    assert pages == set(alarms)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_page_has_the_three_sections(name: str) -> None:
    page = (ROOT / f"docs/runbooks/{name}.md").read_text("utf-8")

    assert page.startswith(f"# {name}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["What it means", "Look", "Do"]


def test_the_address_of_the_pages_is_a_parameter() -> None:
    alarms = blueprint_with(RunbookUrl="https://wiki.example/fieldwise").of_type("AWS::CloudWatch::Alarm")

    assert alarms["LatencyAlarm"]["AlarmDescription"].endswith(" https://wiki.example/fieldwise/latency.md")


def test_thresholds_that_depend_on_the_owner_are_in_the_table_of_sizes() -> None:
    alarms = blueprint_sized(LatencyAlarmMilliseconds="900", StaleModelDays="14").of_type("AWS::CloudWatch::Alarm")

    assert (alarms["LatencyAlarm"]["Threshold"], alarms["StaleModelAlarm"]["Threshold"]) == (900, 14)


def test_alarms_are_mailed_only_if_an_address_is_given(blueprint: Blueprint) -> None:
    given = blueprint_with(AlarmEmail="owner@example.org").of_type("AWS::SNS::Subscription")

    assert blueprint.of_type("AWS::SNS::Subscription") == {}
    assert [(s["Protocol"], s["Endpoint"], s["TopicArn"]) for s in given.values()] == [("email", "owner@example.org", "AlarmTopic")]


def test_every_metric_of_ours_that_an_alarm_watches_is_written_by_code(alarms: dict[str, dict[str, Any]]) -> None:
    own = {alarm["MetricName"] for alarm in alarms.values() if alarm.get("Namespace") == NAMESPACE}

    assert own
    assert [name for name in own if not emitted(name)] == []


def test_the_dashboard_shows_what_an_operator_needs(widgets: list[dict[str, Any]]) -> None:
    searches = [line[0]["expression"] for widget in widgets for line in widget["metrics"] if "SEARCH" in str(line[0])]

    assert {line[1] for line in lines(widgets)} >= SHOWN
    assert [re.findall('MetricName="([^"]+)"', search) for search in searches] == [["FeedbackCorrect"], ["ModelVersionLive"]]
    assert all(f'"{NAMESPACE}",model_version,service' in search for search in searches)


def test_every_metric_of_ours_that_the_dashboard_shows_is_written_by_code(widgets: list[dict[str, Any]]) -> None:
    own = {line[1] for line in lines(widgets) if line[0] == NAMESPACE} - BY_POWERTOOLS

    assert own >= PARTS
    assert [name for name in (*own, "FeedbackCorrect", "ModelVersionLive") if not emitted(name)] == []


def test_functions_write_their_metrics_where_alarms_and_dashboard_look(blueprint: Blueprint) -> None:
    assert {plan.environment["POWERTOOLS_METRICS_NAMESPACE"] for plan in blueprint.functions()} == {NAMESPACE}
