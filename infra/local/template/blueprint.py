"""The system as the local stack builds it: every resource of the translated template, named and resolved."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.refusal import Refusal, wrong
from local.template.definition import filled_in
from local.template.function_plan import FunctionPlan, plan_of
from local.template.names import ACCOUNT, ARN, MADE_HERE, NAME_PROPERTY, REF_IS_ARN, physical_name
from local.template.references import require_references
from local.template.resolve import Resolver
from local.template.resource_types import require_properties
from local.template.source import definition_files, function_sources
from local.template.translate import REGION, parameter_values, translate
from local.template.written import Template, load

Properties = dict[str, Any]


class Blueprint:
    """A template's resources with their local names. A secret's ARN is known only once it is made: see `learn`.

    Raises Refusal when the template is wrong, naming where: every resource is looked at, whether this stack makes it or not.
    """

    def __init__(self, path: Path, parameters: Mapping[str, str], stack: str, root: Path | None = None) -> None:
        written = load(path)
        root = root or path.parent
        self.region = REGION
        self.parameters = dict(parameters)
        self.template: Template = translate(written, parameters)
        require_references(self.template)
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
        self._check_properties()

    def _check_rules(self) -> None:
        """As CloudFormation does before anything else. Raises Refusal with the words of the first assertion that fails."""
        for name, rule in self.template.get("Rules", {}).items():
            for assertion in rule["Assertions"] if self._resolved(rule.get("RuleCondition", True), "Rules", name) else ():
                if not self._resolved(assertion["Assert"], "Rules", name):
                    raise Refusal(f"the template's parameters: {assertion['AssertDescription']}")

    def _name_all(self) -> None:
        """Names first, aliases last: an alias is known by its function's ARN."""
        for logical_id, resource in self._present():
            name_property = NAME_PROPERTY.get(resource["Type"])
            given = resource.get("Properties", {}).get(name_property) if name_property else logical_id
            place = ("Resources", logical_id, "Properties", name_property)
            name = self._resolved(given, *place) if given is not None else physical_name(self._stack, logical_id)
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

    def _check_properties(self) -> None:
        """Of every resource, by its type. What only AWS could resolve is AWS's to check, unless it is made here."""
        for logical_id, resource in self._present():
            try:
                properties = self._properties(logical_id, resource)
            except Refusal:
                if resource["Type"] in MADE_HERE:
                    raise
            else:
                require_properties(resource["Type"], properties, "Resources", logical_id, "Properties")

    def _properties(self, logical_id: str, resource: Mapping[str, Any]) -> Properties:
        found: Properties = self._resolved(resource.get("Properties", {}), "Resources", logical_id, "Properties")
        return found

    def _resolved(self, value: Any, *place: object) -> Any:
        try:
            return self._resolver.resolve(value)
        except Refusal as refusal:
            raise wrong(place, str(refusal)) from refusal

    def _present(self, resource_type: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        for logical_id, resource in self.template["Resources"].items():
            is_wanted = resource_type is None or resource["Type"] == resource_type
            if is_wanted and self._resolved(
                {"Condition": resource["Condition"]} if "Condition" in resource else True, "Resources", logical_id
            ):
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
            found[logical_id] = {**self._properties(logical_id, resource), **named}
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
            plan_of(
                logical_id,
                properties,
                self._attributes[f"{logical_id}.Arn"],
                self._sources[logical_id],
                (name for function, name in aliases if function == properties["FunctionName"]),
            )
            for logical_id, properties in self.of_type("AWS::Lambda::Function").items()
        )

    def definition(self, logical_id: str) -> str:
        """A state machine's definition, its substitutions made. Raises Refusal when it is none."""
        properties = self.of_type("AWS::StepFunctions::StateMachine")[logical_id]
        return filled_in(self._definitions[logical_id], properties.get("DefinitionSubstitutions", {}), logical_id)
