"""The blueprint's resources, made in the embedded AWS.

Its CloudFormation makes buckets and tables well. It knows nothing of streams, keeps a role's policies in a form its own
checks can't read, and its state machines are not the ones its interpreter executes: those, and secrets, are made by
their services' own calls. Functions are ours to run.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from local.aws.sessions import Connection
from local.refusal import wrong
from local.template.blueprint import Blueprint

LONGEST = 300
"""Characters of what the embedded AWS says: it may answer with a page."""

BY_CLOUDFORMATION = ("AWS::S3::Bucket", "AWS::DynamoDB::Table")
"""Bucket policies are left out: the TLS-only statement's condition is not evaluated there, and this endpoint is plain HTTP."""


@contextmanager
def _making(logical_id: str) -> Iterator[None]:
    """Names the resource that the embedded AWS does not take."""
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise wrong(("Resources", logical_id), f"it can't be made: {' '.join(str(error).split())[:LONGEST]}") from error


def make_secrets(blueprint: Blueprint, connection: Connection, kept: Mapping[str, str]) -> Mapping[str, str]:
    """Makes every secret, with its kept value where there is one; answers the values by logical id.

    The blueprint learns their ARNs, which everything else may refer to.
    """
    client = connection.client("secretsmanager")
    values = {}
    for logical_id, properties in blueprint.of_type("AWS::SecretsManager::Secret").items():
        with _making(logical_id):
            values[logical_id] = kept.get(logical_id) or _generated(client, properties["GenerateSecretString"])
            made = client.create_secret(Name=properties["Name"], SecretString=values[logical_id])
        blueprint.learn(logical_id, made["ARN"])
    return values


def _generated(client: Any, asked: Mapping[str, Any]) -> str:
    return str(client.get_random_password(**asked)["RandomPassword"])


def make_resources(blueprint: Blueprint, connection: Connection, stack: str) -> None:
    """Makes buckets, tables and roles, then streams and state machines, which name them."""
    cloudformation = connection.client("cloudformation")
    for resource_type in BY_CLOUDFORMATION:
        for logical_id, properties in blueprint.of_type(resource_type).items():
            body = {"Resources": {logical_id: {"Type": resource_type, "Properties": properties}}}
            with _making(logical_id):
                cloudformation.create_stack(StackName=f"{stack}-{logical_id}", TemplateBody=json.dumps(body))
    iam = connection.client("iam")
    for logical_id, properties in blueprint.of_type("AWS::IAM::Role").items():
        with _making(logical_id):
            _make_role(iam, properties)
    firehose = connection.client("firehose")
    for logical_id, properties in blueprint.of_type("AWS::KinesisFirehose::DeliveryStream").items():
        with _making(logical_id):
            firehose.create_delivery_stream(**properties)
    states = connection.client("stepfunctions")
    for logical_id, properties in blueprint.of_type("AWS::StepFunctions::StateMachine").items():
        name, definition = properties["StateMachineName"], blueprint.definition(logical_id)
        with _making(logical_id):
            states.create_state_machine(name=name, definition=definition, roleArn=properties["RoleArn"])


def _make_role(iam: Any, properties: Mapping[str, Any]) -> None:
    """A role with its inline policies. AWS's managed ones are not there: they allow logs and traces, which nobody sends here."""
    iam.create_role(RoleName=properties["RoleName"], AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]))
    for policy in properties.get("Policies", ()):
        iam.put_role_policy(
            RoleName=properties["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"])
        )
