"""The template as the local stack uses it: translated, and every resource named and resolved."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.refusal import Refusal, WrongTemplate, reading
from local.template.definition import substituted
from local.template.function_plan import FunctionPlan, plan_of
from local.template.load import Template, load
from local.template.names import ACCOUNT, ARN, NAME_PROPERTY, REF_IS_ARN, physical_name
from local.template.resolve import Resolver
from local.template.source import definition_files, function_sources
from local.template.translate import REGION, parameter_values, translate

Properties = dict[str, Any]


class Blueprint:
    """A template's resources with their local names. A secret's ARN is only known once the secret is made: see `learn`.

    Raises Refusal naming the parameter, or the place in the template, that is wrong.
    """

    def __init__(self, path: Path, parameters: Mapping[str, str], stack: str, root: Path | None = None) -> None:
        loaded = load(path)
        root = root or path.parent
        self.region = REGION
        self.parameters = dict(parameters)
        self._sources = function_sources(loaded, root)
        self._definitions = definition_files(loaded, root)
        self.template: Template = translate(loaded, parameters)
        self._stack = stack
        self._refs: dict[str, Any] = {
            **parameter_values(loaded, parameters),
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{stack}/0-0-0-0-local",
            "AWS::URLSuffix": "amazonaws.com",
        }
        self._attributes: dict[str, str] = {}
        self._resolver = Resolver(self._refs, self._attributes, self.template)
        self._check_rules()
        self._name_all()

    def _check_rules(self) -> None:
        """As CloudFormation does before anything else. Raises Refusal with the description of the first failed assertion."""
        for name, rule in self.template.get("Rules", {}).items():
            with reading("Rules", name):
                applies = self._resolver.resolve(rule.get("RuleCondition", True))
                failed = [one for one in rule["Assertions"] if applies and not self._resolver.resolve(one["Assert"])]
                descriptions = [assertion["AssertDescription"] for assertion in failed]
            if descriptions:
                raise Refusal(f"the template's parameters: {descriptions[0]}")

    def _name_all(self) -> None:
        """Aliases come last: an alias is identified by its function's ARN."""
        for logical_id, resource in self._present():
            name_property = NAME_PROPERTY.get(resource["Type"])
            given = resource.get("Properties", {}).get(name_property) if name_property else logical_id
            name = self._resolved(given, logical_id, name_property) if given is not None else physical_name(self._stack, logical_id)
            self._refs[logical_id] = name
            if resource["Type"] in ARN:
                arn = ARN[resource["Type"]](name, self.region)
                self._attributes[f"{logical_id}.Arn"] = arn
                self._refs[logical_id] = arn if resource["Type"] in REF_IS_ARN else name
        for logical_id, alias in self._present("AWS::Lambda::Alias"):
            with reading("Resources", logical_id):
                function = alias["Properties"]["FunctionName"]["Ref"]
                self._refs[logical_id] = f"{self._attributes[f'{function}.Arn']}:{alias['Properties']['Name']}"
                version = alias["Properties"]["FunctionVersion"]["Fn::GetAtt"]
                self._attributes[".".join(version)] = "1"

    def _properties(self, logical_id: str, resource: Mapping[str, Any]) -> Properties:
        found: Properties = self._resolved(resource.get("Properties", {}), logical_id)
        return found

    def _resolved(self, value: Any, logical_id: str, *properties: object) -> Any:
        with reading("Resources", logical_id, "Properties", *properties):
            return self._resolver.resolve(value)

    def _present(self, resource_type: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """The resources whose condition holds, of one type or of all."""
        for logical_id, resource in self.template["Resources"].items():
            if resource_type is None or resource["Type"] == resource_type:
                with reading("Resources", logical_id):
                    is_present = "Condition" not in resource or self._resolver.holds(resource["Condition"])
                if is_present:
                    yield logical_id, resource

    def learn(self, logical_id: str, arn: str) -> None:
        """Sets the ARN a secret got when it was made."""
        self._refs[logical_id] = arn

    def of_type(self, resource_type: str) -> Mapping[str, Properties]:
        """The resolved properties of every resource of a type, its name included, by logical id."""
        name_property = NAME_PROPERTY.get(resource_type)
        found = {}
        for logical_id, resource in self._present(resource_type):
            named = {name_property: self.name(logical_id)} if name_property else {}
            found[logical_id] = {**self._properties(logical_id, resource), **named}
        return found

    def name(self, logical_id: str) -> str:
        """The local name of a resource."""
        return str(self._refs[logical_id]).rpartition(":")[2]

    def arn(self, logical_id: str) -> str:
        """The local ARN of a resource. Raises KeyError for a type that has no ARN here."""
        return self._attributes[f"{logical_id}.Arn"]

    def functions(self) -> tuple[FunctionPlan, ...]:
        """Every function of the template. Raises Refusal for one that is not an AWS::Serverless::Function, and names it."""
        aliases = [(alias["FunctionName"], alias["Name"]) for alias in self.of_type("AWS::Lambda::Alias").values()]
        plans = []
        for logical_id, properties in self.of_type("AWS::Lambda::Function").items():
            if logical_id not in self._sources:
                raise WrongTemplate(("Resources", logical_id, "Type"), "the local stack runs AWS::Serverless::Function only")
            names = [name for function, name in aliases if function == properties["FunctionName"]]
            with reading("Resources", logical_id, "Properties"):
                plans.append(plan_of(logical_id, properties, self.arn(logical_id), self._sources[logical_id], names))
        return tuple(plans)

    def definition(self, logical_id: str) -> str:
        """A state machine's definition with its substitutions made. Raises Refusal when it is not JSON, or a substitution is missing."""
        properties = self.of_type("AWS::StepFunctions::StateMachine")[logical_id]
        with reading("Resources", logical_id, "Properties"):
            return substituted(self._definitions[logical_id], properties.get("DefinitionSubstitutions", {}))
