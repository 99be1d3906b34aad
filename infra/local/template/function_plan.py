"""What Lambda would run a function with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.template.source import Source

TIMEOUT_SECONDS, MEMORY_MB = 3, 128
"""Lambda's defaults."""


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """A function: its code, and what Lambda would run it with."""

    logical_id: str
    name: str
    arn: str
    role: str
    source: Source
    timeout_seconds: float
    memory_mb: int
    environment: Mapping[str, str]
    aliases: frozenset[str]


def plan_of(logical_id: str, properties: Mapping[str, Any], arn: str, source: Source, aliases: Iterable[str]) -> FunctionPlan:
    """The plan of a function with these resolved properties. Raises KeyError or ValueError when they are not a function's."""
    return FunctionPlan(
        logical_id=logical_id,
        name=properties["FunctionName"],
        arn=arn,
        role=str(properties["Role"]).rpartition("/")[2],
        source=source,
        timeout_seconds=float(properties.get("Timeout", TIMEOUT_SECONDS)),
        memory_mb=int(properties.get("MemorySize", MEMORY_MB)),
        environment={key: str(value) for key, value in properties.get("Environment", {}).get("Variables", {}).items()},
        aliases=frozenset(aliases),
    )
