"""The system as the local stack builds it: every resource of the translated template, named and resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.refusal import Refusal
from local.template.names import ACCOUNT, ARN, NAME_PROPERTY, REF_IS_ARN, physical_name
from local.template.resolve import Resolver
from local.template.source import Source, Template, definition_files, function_sources, load
from local.template.translate import REGION, parameter_values, translate

Properties = dict[str, Any]


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


class Blueprint:
    """A template's resources with their local names. A secret's ARN is known only once it is made: see `learn`."""

    def __init__(self, path: Path, parameters: Mapping[str, str], stack: str, root: Path | None = None) -> None:
        written = load(path)
        root = root or path.parent
        self.region = REGION
        self.parameters = dict(parameters)
        self.template: Template = translate(written, parameters)
        self._sources = function_sources(written, root)
        self._definitions = definition_files(written, root)
        self._stack = stack
        self._refs: dict[str, Any] = {
            **parameter_values(written, parameters),
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{stack}/0-0-0-0-local",
            "AWS::URLSuffix": "amazonaws.com",
        }
        self._attributes: dict[str, str] = {}
        self._resolver = Resolver(self._refs, self._attributes, self.template.get("Conditions", {}))
        self._check_rules()
        self._name_all()

    def _check_rules(self) -> None:
        """As CloudFormation does before anything else. Raises Refusal with the words of the first assertion that fails."""
        for rule in self.template.get("Rules", {}).values():
            for assertion in rule["Assertions"] if self._resolver.resolve(rule.get("RuleCondition", True)) else ():
                if not self._resolver.resolve(assertion["Assert"]):
                    raise Refusal(f"the template's parameters: {assertion['AssertDescription']}")

    def _name_all(self) -> None:
        """Names first, aliases last: an alias is known by its function's ARN."""
        for logical_id, resource in self._present():
            name_property = NAME_PROPERTY.get(resource["Type"])
            given = resource.get("Properties", {}).get(name_property) if name_property else logical_id
            name = self._resolver.resolve(given) if given is not None else physical_name(self._stack, logical_id)
            self._refs[logical_id] = name
            if resource["Type"] in ARN:
                arn = ARN[resource["Type"]](name, self.region)
                self._attributes[f"{logical_id}.Arn"] = arn
                self._refs[logical_id] = arn if resource["Type"] in REF_IS_ARN else name
        for logical_id, alias in self._present("AWS::Lambda::Alias"):
            function = alias["Properties"]["FunctionName"]["Ref"]
            self._refs[logical_id] = f"{self._attributes[f'{function}.Arn']}:{alias['Properties']['Name']}"
            version = alias["Properties"]["FunctionVersion"]["Fn::GetAtt"]
            self._attributes[".".join(version)] = "1"

    def _present(self, resource_type: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        for logical_id, resource in self.template["Resources"].items():
            is_wanted = resource_type is None or resource["Type"] == resource_type
            if is_wanted and ("Condition" not in resource or self._resolver.holds(resource["Condition"])):
                yield logical_id, resource

    def learn(self, logical_id: str, arn: str) -> None:
        """The ARN a secret got when it was made."""
        self._refs[logical_id] = arn

    def of_type(self, resource_type: str) -> Mapping[str, Properties]:
        """The resolved properties of every resource of a type, with its name among them, by logical id."""
        name_property = NAME_PROPERTY.get(resource_type)
        found = {}
        for logical_id, resource in self._present(resource_type):
            named = {name_property: self.name(logical_id)} if name_property else {}
            found[logical_id] = {**self._resolver.resolve(resource.get("Properties", {})), **named}
        return found

    def name(self, logical_id: str) -> str:
        """The name a resource has here."""
        return str(self._refs[logical_id]).rpartition(":")[2]

    def arn(self, logical_id: str) -> str:
        """The ARN a resource has here. Raises KeyError for types that have none."""
        return self._attributes[f"{logical_id}.Arn"]

    def functions(self) -> tuple[FunctionPlan, ...]:
        """Every function of the template."""
        aliases = [(alias["FunctionName"], alias["Name"]) for alias in self.of_type("AWS::Lambda::Alias").values()]
        return tuple(
            FunctionPlan(
                logical_id=logical_id,
                name=properties["FunctionName"],
                arn=self._attributes[f"{logical_id}.Arn"],
                role=str(properties["Role"]).rpartition("/")[2],
                source=self._sources[logical_id],
                timeout_seconds=float(properties["Timeout"]),
                memory_mb=int(properties["MemorySize"]),
                environment={key: str(value) for key, value in properties["Environment"]["Variables"].items()},
                aliases=frozenset(name for function, name in aliases if function == properties["FunctionName"]),
            )
            for logical_id, properties in self.of_type("AWS::Lambda::Function").items()
        )

    def definition(self, logical_id: str) -> str:
        """A state machine's definition, its substitutions made."""
        text = self._definitions[logical_id].read_text()
        substitutions = self.of_type("AWS::StepFunctions::StateMachine")[logical_id].get("DefinitionSubstitutions", {})
        for name, value in substitutions.items():
            text = text.replace("${" + name + "}", str(value))
        return text
