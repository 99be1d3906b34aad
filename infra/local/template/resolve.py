"""CloudFormation's intrinsic functions, for a template whose names are all known."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.refusal import Refusal, reading

NO_VALUE = object()
VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class Resolver:
    """Resolves Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Split, Fn::Select, Fn::FindInMap, Fn::If and the condition functions.

    `refs` holds what Ref returns, by logical id, parameter or pseudo parameter; `attributes` what Fn::GetAtt returns, by
    `Id.Attribute`. Both may grow after construction. Conditions and mappings are the template's.
    """

    def __init__(self, refs: Mapping[str, Any], attributes: Mapping[str, str], template: Mapping[str, Any]) -> None:
        self._refs = refs
        self._attributes = attributes
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})
        self._mappings: Mapping[str, Any] = template.get("Mappings", {})
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": self.holds,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Join": lambda a: str(a[0]).join(map(str, self.resolve(a[1]))),
            "Fn::Split": lambda a: str(self.resolve(a[1])).split(a[0]),
            "Fn::Select": lambda a: self.resolve(a[1])[int(a[0])],
            "Fn::If": lambda a: self.resolve(a[1] if self.holds(a[0]) else a[2]),
            "Fn::Equals": lambda a: str(self.resolve(a[0])) == str(self.resolve(a[1])),
            "Fn::Contains": lambda a: str(self.resolve(a[1])) in self.resolve(a[0]),
            "Fn::Not": lambda a: not self.resolve(a[0]),
            "Fn::And": lambda a: all(self.resolve(part) for part in a),
            "Fn::Or": lambda a: any(self.resolve(part) for part in a),
        }

    def resolve(self, value: Any) -> Any:
        """`value` with every intrinsic function replaced by its result.

        Raises Refusal naming what doesn't exist, isn't supported here, or can't be evaluated, with its place in `value`.
        """
        if isinstance(value, list):
            return [found for index, part in enumerate(value) if (found := self._part(index, part)) is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in self._functions and (name != "Condition" or isinstance(argument, str)):
                return self._call(name, argument)
            if name.startswith("Fn::"):
                raise Refusal(f"{name} is not supported by the local stack")
        return {key: found for key, part in value.items() if (found := self._part(key, part)) is not NO_VALUE}

    def _part(self, key: object, value: Any) -> Any:
        with reading(key):
            return self.resolve(value)

    def _call(self, name: str, argument: Any) -> Any:
        try:
            return self._functions[name](argument)
        except (IndexError, RecursionError, TypeError, ValueError) as error:
            raise Refusal(f"{name} can't be evaluated: {error}") from error

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template is true."""
        if condition not in self._conditions:
            raise Refusal(f"the condition {condition} doesn't exist")
        return bool(self.resolve(self._conditions[condition]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name not in self._refs:
            raise Refusal(f"it refers to {name}, which doesn't exist or is left out by its condition")
        return self._refs[name]

    def _get_att(self, argument: str | list[str]) -> str:
        name = argument if isinstance(argument, str) else ".".join(argument)
        if name not in self._attributes:
            raise Refusal(f"it refers to {name}, which the local stack does not provide")
        return self._attributes[name]

    def _find_in_map(self, argument: list[Any]) -> Any:
        path = [str(self.resolve(part)) for part in argument]
        found: Any = self._mappings
        for key in path:
            if key not in found:
                raise Refusal(f"the Mappings have no {'.'.join(path)}")
            found = found[key]
        return found

    def _sub(self, argument: str | list[Any]) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def value_of(match: re.Match[str]) -> str:
            is_literal, name = match.groups()
            if is_literal:
                return "${" + name + "}"
            if name in own:
                return str(own[name])
            return str(self._get_att(name) if "." in name else self._ref(name))

        return VARIABLE.sub(value_of, text)
