"""Whether what the template refers to is there: all of it, whatever its conditions say, as CloudFormation looks at it."""

from typing import Any

from local.refusal import wrong
from local.template.resolve import VARIABLE
from local.template.resource_types import has_attribute
from local.template.written import Template

SECTIONS = ("Rules", "Conditions", "Resources", "Outputs")
PSEUDO = ("AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")

ARGUMENTS = {"Fn::If": 3, "Fn::Contains": 2, "Fn::Equals": 2, "Fn::Join": 2, "Fn::Select": 2, "Fn::Split": 2, "Fn::Not": 1}
"""Intrinsic functions by how many arguments they take."""
OTHERS = {
    *(
        "Fn::And",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::FindInMap",
        "Fn::GetAZs",
        "Fn::GetAtt",
        "Fn::ImportValue",
        "Fn::Or",
        "Fn::Sub",
        "Fn::Transform",
    ),
    *("Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"),  # of rules alone
}

Place = tuple[object, ...]


def require_references(template: Template) -> None:
    """Raises Refusal with the place of the first intrinsic function that is none, or that names what is not there."""
    references = _References(template)
    for section in SECTIONS:
        written_first = sorted(template.get(section, {}).items(), key=lambda named: len(named[0]))  # SAM makes longer names of them
        references.look_at(dict(written_first), (section,))


class _References:
    """What can be referred to."""

    def __init__(self, template: Template) -> None:
        self._types = {logical_id: resource["Type"] for logical_id, resource in template["Resources"].items()}
        self._names = [*self._types, *template.get("Parameters", {}), *(f"AWS::{name}" for name in PSEUDO)]
        self._conditions = template.get("Conditions", {})

    def look_at(self, value: Any, place: Place) -> None:
        """Raises Refusal for the first thing in `value`, which is at `place`, that refers to nothing."""
        parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, part in parts:
            is_function = isinstance(value, dict) and len(value) == 1
            is_of_a_resource_or_output = len(place) == 2
            if is_function or is_of_a_resource_or_output:
                self._look_at_function(str(key), part, place)
            self.look_at(part, (*place, key))

    def _look_at_function(self, name: str, argument: Any, place: Place) -> None:
        expected = ARGUMENTS.get(name)
        if name.startswith("Fn::") and not expected and name not in OTHERS:
            raise wrong(place, f"there is no function {name}")
        if expected and not (isinstance(argument, list) and len(argument) == expected):
            raise wrong(place, f"{name} takes a list of {expected}")
        for unknown in self._unknown(name, argument):
            raise wrong(place, f"it refers to {unknown}, which is not there")

    def _unknown(self, name: str, argument: Any) -> list[object]:
        """What a function, or a resource's Condition or DependsOn, refers to in vain; itself where it can't refer so at all."""
        match name, argument:
            case "Ref", _:
                return [] if argument in self._names else [argument]
            case "Fn::GetAtt", str():
                return [] if self._is_attribute(argument) else [argument]
            case "Fn::GetAtt", [str(), str()]:
                return self._unknown(name, ".".join(argument))
            case "Fn::Sub", str():
                return self._unknown(name, [argument, {}])
            case "Fn::Sub", [str(text), dict(own)]:
                variables = [variable for is_literal, variable in VARIABLE.findall(text) if not is_literal]
                return [v for v in variables if v not in own and v not in self._names and not self._is_attribute(v)]
            case "Fn::If", [condition, _, _]:
                return [] if condition in [*self._conditions] else [f"the condition {condition}"]
            case "Condition", str():
                return [] if argument in self._conditions else [f"the condition {argument}"]
            case "DependsOn", _:
                return [name for name in (argument if isinstance(argument, list) else [argument]) if name not in [*self._types]]
            case (("Fn::GetAtt" | "Fn::Sub"), _):
                return [argument]
        return []

    def _is_attribute(self, name: str) -> bool:
        logical_id, _, attribute = name.partition(".")
        return bool(attribute) and logical_id in self._types and has_attribute(self._types[logical_id], attribute)
