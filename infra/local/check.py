"""What can be known to be wrong before anything is started."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from local.aws.permissions import require_policy
from local.front_door.api import api_of
from local.refusal import Refusal, wrong
from local.runtime.task_root import lay_out, require_handler
from local.template.blueprint import Blueprint


def check(blueprint: Blueprint) -> None:
    """Reads everything as the stack will. Raises Refusal naming the resource that is wrong; leaves nothing behind."""
    api_of(blueprint)
    for logical_id in blueprint.of_type("AWS::StepFunctions::StateMachine"):
        blueprint.definition(logical_id)
    for logical_id, table in blueprint.of_type("AWS::DynamoDB::Table").items():
        defined = [attribute["AttributeName"] for attribute in table.get("AttributeDefinitions", ())]
        for key in table["KeySchema"]:
            if key["AttributeName"] not in defined:
                raise wrong(("Resources", logical_id, "Properties", "AttributeDefinitions"), f"they lack the key {key['AttributeName']}")
    roles = blueprint.of_type("AWS::IAM::Role")
    for logical_id, role in roles.items():
        for index, policy in enumerate(role.get("Policies", ())):
            with _at("Resources", logical_id, "Properties", "Policies", index):
                require_policy(policy["PolicyDocument"])
    with TemporaryDirectory() as folder:
        for plan in blueprint.functions():
            if plan.role not in [role["RoleName"] for role in roles.values()]:
                raise wrong(("Resources", plan.logical_id, "Properties", "Role"), f"there is no role {plan.role} in the template")
            with _at("Resources", plan.logical_id):
                require_handler(lay_out(plan.source, Path(folder) / plan.logical_id))


@contextmanager
def _at(*place: object) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise wrong(place, str(refusal)) from refusal
