"""What happened to the versions, published for others to act on: by EventBridge, to the owner's bus.

    Event
    ├── Promoted          a version went live
    ├── Rejected          the gate rejected a version
    ├── Superseded        another version went live during the run; the run's own was not promoted
    ├── RolledBack        an operator made another version live
    ├── QuorumReached     with a promoted version, enough users agree on fields of sites that were undecided before
    ├── LearningStopped   a run failed
    └── BudgetVoided      feedback shows that the live version does not keep its budget for wrong fills

`kind` is EventBridge's `detail-type`, the fields are its `detail` (docs/events.md). An event holds no label, value or origin of a
user. EventBridge delivers at least once, and a step that is repeated publishes again: a receiver must accept an event twice.
"""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

import boto3
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from pydantic import BaseModel, ConfigDict, Field, computed_field

from fieldwise_common.aws import CALL_ERRORS, code_of
from fieldwise_common.errors import SettingsError
from fieldwise_common.observability import NAMESPACE, logger

SOURCE = "fieldwise"
FAILED = "EventFailed"


class Event(BaseModel, ABC):
    """What all events have in common."""

    model_config = ConfigDict(frozen=True)

    kind: ClassVar[str]

    schema_version: int = 1
    """Raised when a field is removed or changes its meaning; new fields may be added without."""
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def summary(self) -> str:
        """One line for people, without what would break the text that a rule puts it into: `"` and backslashes."""
        return " ".join(self._line().split()).replace('"', "'").replace("\\", "/")

    @abstractmethod
    def _line(self) -> str:
        """The line, in which quotes and backslashes are still as they came."""


class OfRun(Event):
    """An event of a training."""

    run_id: str
    version: str | None
    """The version that the run made, if nothing else is said here; None if it failed before it had a name."""


class Promoted(OfRun):
    """A version went live."""

    kind = "promoted"

    previous: str | None
    """The version that was live before."""
    mode: str
    reason: str
    """The gate's."""

    def _line(self) -> str:
        return f"{self.version} is live: {self.reason}"


class Rejected(OfRun):
    """The gate rejected a version."""

    kind = "rejected"

    live: str | None
    """The version that stays live."""
    mode: str
    reason: str

    def _line(self) -> str:
        return f"{self.version} was rejected, {self.live or 'no version'} stays live: {self.reason}"


class Superseded(OfRun):
    """Another version went live during the run, so this one was not compared with it and is not promoted."""

    kind = "superseded"

    live: str | None
    """The version that is live instead."""
    mode: str
    reason: str

    def _line(self) -> str:
        return f"{self.version} was not promoted: {self.reason}"


class RolledBack(Event):
    """An operator made another version live."""

    kind = "rolled back"

    version: str
    previous: str | None
    by: str
    reason: str

    def _line(self) -> str:
        return f"{self.by} made {self.version} live instead of {self.previous or 'none'}: {self.reason}"


class QuorumReached(OfRun):
    """With a promoted version, enough users agree on fields of sites that were undecided before."""

    kind = "quorum reached"

    new: int
    """Fields that no agreement was about before."""
    changed: int
    """Fields that are agreed to mean something else than before."""
    agreed: int
    """All fields that are agreed on."""

    def _line(self) -> str:
        return f"users agree on {self.new} more fields of sites, and differently on {self.changed}; {self.agreed} in all"


class LearningStopped(OfRun):
    """A run failed."""

    kind = "learning stopped"

    step: str
    """The step that failed; "" if the run ended between steps."""
    error: str
    """The error's name, without its message: that is in the execution, and may quote data."""

    def _line(self) -> str:
        return f"the run {self.run_id} failed{f' in {self.step}' if self.step else ''}: {self.error}"


class BudgetVoided(OfRun):
    """Feedback contradicts what the live version, which is `version`, was promised to keep. Published whether or not it is replaced."""

    kind = "budget voided"

    budget: float
    """Share of fills (0..1) that may be wrong."""

    def _line(self) -> str:
        return f"feedback shows more wrong fills than the budget of {self.budget:.2%} allows {self.version}, which was live during the run"


KINDS: tuple[type[Event], ...] = (Promoted, Rejected, Superseded, RolledBack, QuorumReached, LearningStopped, BudgetVoided)


class Events(Protocol):
    """Where events are published."""

    def publish(self, event: Event) -> None:
        """Publishes an event. A failure is logged and counted, never raised: nothing depends on a listener."""


class NoEvents:
    """Without a bus, events are dropped."""

    def publish(self, event: Event) -> None:
        """Does nothing."""


class EventBridge:
    """The bus `bus` (name or ARN). `client` is boto3's EventBridge client."""

    def __init__(self, bus: str, client: Any) -> None:
        self._bus = bus
        self._client = client

    def publish(self, event: Event) -> None:
        """Puts the event on the bus."""
        entry = {"EventBusName": self._bus, "Source": SOURCE, "DetailType": event.kind, "Time": event.at, "Detail": event.model_dump_json()}
        try:
            (answer,) = self._client.put_events(Entries=[entry])["Entries"]
            error = answer.get("ErrorCode", "")
        except CALL_ERRORS as failure:
            error = code_of(failure)
        if error:
            logger.error("event not published", extra={"kind": event.kind, "error": error})
            with single_metric(name=FAILED, unit=MetricUnit.Count, value=1, namespace=NAMESPACE):
                pass


NO_EVENTS: Events = NoEvents()


def events_client() -> Any:
    """boto3's EventBridge client, with short timeouts and one retry."""
    return boto3.client("events", config=Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2}))


def open_events(bus: str) -> Events:
    """The events of a bus; of "", none. Raises SettingsError for an AWS configuration that can't be used."""
    if not bus:
        return NO_EVENTS
    try:
        return EventBridge(bus, events_client())
    except (BotoCoreError, ValueError) as error:  # no region; botocore raises ValueError for a malformed endpoint
        raise SettingsError(f"EVENT_BUS: {error}") from error
