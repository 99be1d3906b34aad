"""The running functions, found by name or ARN."""

import json
from collections.abc import Mapping
from typing import Protocol

from local.aws.invoke import Answer
from local.template.function_plan import FunctionPlan


class HostedFunction(Protocol):
    """A running function, in a process or in a container."""

    plan: FunctionPlan

    def invoke(self, payload: bytes, arn: str) -> Answer:
        """Runs the handler on a JSON event, as invoked under `arn`."""

    def stop(self) -> None:
        """Stops the function; invocations in progress end with an error."""


class FunctionRegistry:
    """The running functions, by name."""

    def __init__(self, functions: Mapping[str, HostedFunction]) -> None:
        self._functions = functions

    def find(self, target: str) -> tuple[str, HostedFunction] | None:
        """The qualified ARN and the function of `name`, `name:alias`, an ARN or an ARN with an alias; None when it doesn't exist."""
        parts = target.split(":")[6 if target.startswith("arn:") else 0 :]
        name, alias = [*parts, "", ""][:2]
        function = self._functions.get(name)
        if function is None or (alias and alias not in function.plan.aliases):
            return None
        return (f"{function.plan.arn}:{alias}" if alias else function.plan.arn), function

    def call(self, target: str, event: object) -> Answer:
        """Invokes a function from within the stack. Raises KeyError when it doesn't exist."""
        found = self.find(target)
        if found is None:
            raise KeyError(target)
        arn, function = found
        return function.invoke(json.dumps(event).encode(), arn)

    def stop(self) -> None:
        """Stops every function."""
        for function in self._functions.values():
            function.stop()
