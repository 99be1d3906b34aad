"""The events on the template's bus, delivered by the embedded EventBridge: shown in the terminal, and kept in a file.

Each bus gets a rule that sends everything to a log group; that is the only target of the template's that works here, since the
embedded EventBridge delivers to no topic.
"""

import json
import threading
from pathlib import Path

from rich.markup import escape

from local.aws.sessions import Connection
from local.console import out
from local.template.names import ACCOUNT, ARN

GROUP = "/fieldwise-local/events"


def make_logged_bus(connection: Connection, name: str) -> None:
    """Creates a bus whose events all go to the log group, which exists by then."""
    events = connection.client("events")
    events.create_event_bus(Name=name)
    events.put_rule(Name="log", EventBusName=name, EventPattern=json.dumps({"account": [ACCOUNT]}))
    arn = ARN["AWS::Logs::LogGroup"](GROUP, connection.region).removesuffix(":*")
    events.put_targets(Rule="log", EventBusName=name, Targets=[{"Id": "log", "Arn": arn}])


class EventLog:
    """Moves what was delivered from the log group into the file `path`, and shows it."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self._logs = connection.client("logs")
        self._path = path
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def save(self) -> None:
        """Writes and shows the events delivered since the last call."""
        with self._lock:
            for found in self._logs.filter_log_events(logGroupName=GROUP, limit=10_000)["events"]:
                if found["eventId"] not in self._seen:
                    self._seen.add(found["eventId"])
                    with self._path.open("a", encoding="utf-8") as file:
                        file.write(found["message"] + "\n")
                    event = json.loads(found["message"])
                    out.print(f"  [blue]•[/blue] {event['detail-type']}: {escape(str(event['detail'].get('summary', '')))}")
