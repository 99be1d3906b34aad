"""Events on a real bus of moto's, the template's rule for the owner, and docs/events.md."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from moto import mock_aws
from tests.infrastructure.conftest import ROOT, blueprint_with

from fieldwise_common.events import (
    FAILED,
    KINDS,
    NO_EVENTS,
    SOURCE,
    BudgetVoided,
    Event,
    EventBridge,
    LearningStopped,
    Promoted,
    QuorumReached,
    Rejected,
    RolledBack,
    Superseded,
    events_client,
    open_events,
)

V1, V2 = "embeddings_v20261122T101500Z-3f9a2c", "embeddings_v20261123T101500Z-4a7b21"
RUN: Mapping[str, Any] = {"run_id": "weekly-48", "version": V2}
SAMPLES: tuple[Event, ...] = (
    Promoted(**RUN, previous=V1, mode="full-train", reason="better"),
    Rejected(**RUN, live=V1, mode="full-train", reason='"First name" of the guard set is lost'),
    Superseded(**RUN, live=V1, mode="build-index", reason="overtaken"),
    RolledBack(version=V1, previous=V2, by="ada", reason="wrong birthdays"),
    QuorumReached(**RUN, new=3, changed=1, agreed=40),
    LearningStopped(run_id="weekly-48", version=None, step="encoder", error="ExportMismatch"),
    BudgetVoided(run_id="weekly-48", version=V1, budget=0.005),
)
OWNERS = {"promoted", "rejected", "rolled back", "quorum reached", "learning stopped", "budget voided"}
PAGE = (ROOT / "docs/events.md").read_text("utf-8")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for key, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(key, value)
    with mock_aws():
        yield


def delivered(pattern: Mapping[str, Any], bus: str, transformer: Mapping[str, Any] | None = None) -> list[Any]:
    """Publishes every sample on a new bus; what a rule with this pattern delivers to a queue."""
    queue = boto3.client("sqs").create_queue(QueueName="listener")["QueueUrl"]
    events = events_client()
    events.create_event_bus(Name=bus)
    events.put_rule(Name="rule", EventBusName=bus, EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": "arn:aws:sqs:us-east-1:123456789012:listener"}
    events.put_targets(Rule="rule", EventBusName=bus, Targets=[target | ({"InputTransformer": transformer} if transformer else {})])
    for event in SAMPLES:
        open_events(bus).publish(event)
    found = []
    while answer := boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in answer]
        for message in answer:
            boto3.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


@pytest.mark.usefixtures("aws")
def test_every_event_is_delivered_with_its_kind_and_details() -> None:
    found = {event["detail-type"]: event for event in delivered({"source": [SOURCE]}, "a-bus")}

    assert set(found) == {event.kind for event in SAMPLES} == {kind.kind for kind in KINDS}
    for event in SAMPLES:
        detail = found[event.kind]["detail"]
        assert type(event).model_validate(detail) == event
        assert detail["summary"] == event.summary
        assert found[event.kind]["source"] == SOURCE


@pytest.mark.usefixtures("aws")
def test_the_templates_rule_sends_the_owner_what_they_must_see_as_one_line() -> None:
    (rule,) = blueprint_with().of_type("AWS::Events::Rule").values()
    (target,) = rule["Targets"]

    found = delivered(rule["EventPattern"], rule["EventBusName"], target["InputTransformer"])

    assert target["Arn"] == "AlarmTopic"
    assert rule["EventBusName"] == "test-events"
    assert sorted(found) == sorted(f"{event.kind}: {event.summary}" for event in SAMPLES if event.kind in OWNERS)
    assert f"rejected: {V2} was rejected, {V1} stays live: 'First name' of the guard set is lost" in found


def test_the_topic_accepts_alarms_and_events_of_this_stack_only() -> None:
    template = blueprint_with().template["Resources"]
    policy = template["AlarmTopicPolicy"]["Properties"]

    allowed = {s["Principal"]["Service"]: (s["Action"], s["Condition"]) for s in policy["PolicyDocument"]["Statement"]}

    assert policy["Topics"] == [{"Ref": "AlarmTopic"}]
    assert allowed == {
        "cloudwatch.amazonaws.com": ("sns:Publish", {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}),
        "events.amazonaws.com": ("sns:Publish", {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["OwnerEvents", "Arn"]}}}),
    }


def error_in(caplog: pytest.LogCaptureFixture) -> str:
    """The error code in the one line that was logged, which names the kind of the event and nothing of its details."""
    (record,) = [record for record in caplog.records if record.getMessage() == "event not published"]
    assert record.__dict__["kind"] == SAMPLES[0].kind
    return str(record.__dict__["error"])


@pytest.mark.usefixtures("aws")
def test_a_bus_that_does_not_exist_is_logged_and_counted_and_not_an_error(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    open_events("nowhere").publish(SAMPLES[0])

    assert error_in(caplog) == "ResourceNotFoundException"
    assert json.loads(capsys.readouterr().out)[FAILED] == [1.0]


@pytest.mark.parametrize(
    "answer", [{"Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "x"}]}, None], ids=["refused", "no-answer"]
)
def test_an_event_that_is_not_accepted_is_logged_and_not_an_error(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    class Client:
        def put_events(self, **_: object) -> Any:
            if answer is None:
                raise ConnectTimeoutError(endpoint_url="https://events")
            return answer

    EventBridge("bus", Client()).publish(SAMPLES[0])

    assert error_in(caplog) == ("InternalFailure" if answer else "ConnectTimeoutError")


def test_the_client_gives_up_soon(aws: None) -> None:
    config = events_client().meta.config

    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (1, 3, 2)


def test_without_a_bus_nothing_is_published_and_no_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", None)

    assert open_events("") is NO_EVENTS
    NO_EVENTS.publish(SAMPLES[0])


def rows(header: str) -> dict[str, str]:
    """The rows of the page's table with this first header: what is in the first cell, and the last cell."""
    table = PAGE.partition(f"| {header} |")[2].partition("\n\n")[0]
    return {row[1].strip(" `"): row[-2] for line in table.splitlines()[2:] if len(row := line.split("|")) > 3}


def test_the_page_has_every_event_with_its_keys_and_no_other() -> None:
    shown = {kind: set(re.findall(r"`(\w+)`", keys)) for kind, keys in rows("detail-type").items()}
    common = {*Event.model_fields, *Event.model_computed_fields}

    assert shown == {kind.kind: set(kind.model_fields) - common for kind in KINDS}
    assert set(rows("key")) == common.union(*shown.values())


def test_the_page_says_what_the_owner_gets() -> None:
    (rule,) = blueprint_with().of_type("AWS::Events::Rule").values()
    sentence = PAGE.partition("The template's rule `OwnerEvents` sends ")[2].partition(" to the alarms' topic")[0]

    assert set(re.findall(r"`([a-z ]+)`", sentence)) == OWNERS == set(rule["EventPattern"]["detail-type"])


def test_the_example_on_the_page_is_an_event() -> None:
    example = json.loads(PAGE.partition("```json\n")[2].partition("```")[0])

    parsed = Promoted.model_validate(example["detail"])

    assert (example["source"], example["detail-type"]) == (SOURCE, Promoted.kind)
    assert parsed.summary == example["detail"]["summary"]
    assert set(example["detail"]) == {*Promoted.model_fields, "summary"}


def test_the_page_is_linked_from_the_operators_page() -> None:
    assert "(events.md)" in Path(ROOT / "docs/operations.md").read_text("utf-8")
