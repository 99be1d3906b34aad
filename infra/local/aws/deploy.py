"""The blueprint's resources, made in the embedded AWS.

Its CloudFormation makes buckets and tables well. It knows nothing of streams, keeps a role's policies in a form its own
checks can't read, and its state machines are not the ones its interpreter executes: those, and secrets, are made by
their services' own calls. Functions are ours to run.
"""

import json
from collections.abc import Mapping
from typing import Any

from local.aws.sessions import Connection
from local.template.blueprint import Blueprint

BY_CLOUDFORMATION = ("AWS::S3::Bucket", "AWS::DynamoDB::Table")
"""Bucket policies are left out: the TLS-only statement's condition is not evaluated there, and this endpoint is plain HTTP."""


def make_secrets(blueprint: Blueprint, connection: Connection, kept: Mapping[str, str]) -> Mapping[str, str]:
    """Makes every secret, with its kept value where there is one; answers the values by logical id.

    The blueprint learns their ARNs, which everything else may refer to.
    """
    client = connection.client("secretsmanager")
    values = {}
    for logical_id, properties in blueprint.of_type("AWS::SecretsManager::Secret").items():
        values[logical_id] = kept.get(logical_id) or _generated(client, properties["GenerateSecretString"])
        made = client.create_secret(Name=properties["Name"], SecretString=values[logical_id])
        blueprint.learn(logical_id, made["ARN"])
    return values


def _generated(client: Any, asked: Mapping[str, Any]) -> str:
    return str(client.get_random_password(**asked)["RandomPassword"])


def make_resources(blueprint: Blueprint, connection: Connection, stack: str) -> None:
    """Makes buckets, tables and roles, then streams and state machines, which name them."""
    resources = {
        logical_id: {"Type": resource_type, "Properties": properties}
        for resource_type in BY_CLOUDFORMATION
        for logical_id, properties in blueprint.of_type(resource_type).items()
    }
    cloudformation = connection.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
    for properties in blueprint.of_type("AWS::IAM::Role").values():
        _make_role(connection.client("iam"), properties)
    firehose = connection.client("firehose")
    for properties in blueprint.of_type("AWS::KinesisFirehose::DeliveryStream").values():
        firehose.create_delivery_stream(**properties)
    states = connection.client("stepfunctions")
    for logical_id, properties in blueprint.of_type("AWS::StepFunctions::StateMachine").items():
        states.create_state_machine(
            name=properties["StateMachineName"], definition=blueprint.definition(logical_id), roleArn=properties["RoleArn"]
        )


def _make_role(iam: Any, properties: Mapping[str, Any]) -> None:
    """A role with its inline policies. AWS's managed ones are not there: they allow logs and traces, which nobody sends here."""
    iam.create_role(RoleName=properties["RoleName"], AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]))
    for policy in properties.get("Policies", ()):
        iam.put_role_policy(
            RoleName=properties["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"])
        )
