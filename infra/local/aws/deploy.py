"""Creates the blueprint's resources in the embedded AWS.

moto's CloudFormation creates buckets and tables well. It does not know delivery streams, it stores a role's policies in a form
its own permission checks can't read, and its interpreter does not run the state machines it creates. Those, and secrets, are
created by calls to their own services. Functions are run by this process.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from local.aws.event_log import GROUP, make_logged_bus
from local.aws.sessions import Connection
from local.refusal import WrongTemplate, reading
from local.template.blueprint import Blueprint

MAX_MESSAGE = 300
"""Characters of a message of the embedded AWS: it may answer with a whole page."""

BY_CLOUDFORMATION = ("AWS::S3::Bucket", "AWS::DynamoDB::Table")
"""Bucket policies are left out: conditions are not evaluated here, and the TLS-only statement would deny this plain HTTP endpoint."""


@contextmanager
def _making(logical_id: str) -> Iterator[None]:
    """Turns the embedded AWS's error into one that names the resource it rejects."""
    try:
        with reading("Resources", logical_id):
            yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        message = " ".join(str(error).split())[:MAX_MESSAGE]
        raise WrongTemplate(("Resources", logical_id), f"the embedded AWS rejects it: {message}") from error


def make_secrets(blueprint: Blueprint, connection: Connection, saved: Mapping[str, str]) -> Mapping[str, str]:
    """Creates every secret, with its saved value if it has one; returns the values by logical id.

    Sets their ARNs in the blueprint, before anything that refers to them is created.
    """
    client = connection.client("secretsmanager")
    values = {}
    for logical_id, properties in blueprint.of_type("AWS::SecretsManager::Secret").items():
        with _making(logical_id):
            values[logical_id] = saved.get(logical_id) or _generated(client, properties["GenerateSecretString"])
            made = client.create_secret(Name=properties["Name"], SecretString=values[logical_id])
        blueprint.learn(logical_id, made["ARN"])
    return values


def _generated(client: Any, options: Mapping[str, Any]) -> str:
    return str(client.get_random_password(**options)["RandomPassword"])


def make_resources(blueprint: Blueprint, connection: Connection, stack: str) -> None:
    """Creates buckets, tables, event buses and roles, then the streams and state machines that refer to them."""
    cloudformation = connection.client("cloudformation")
    for resource_type in BY_CLOUDFORMATION:
        for logical_id, properties in blueprint.of_type(resource_type).items():
            body = {"Resources": {logical_id: {"Type": resource_type, "Properties": properties}}}
            with _making(logical_id):
                cloudformation.create_stack(StackName=f"{stack}-{logical_id}", TemplateBody=json.dumps(body))
    connection.client("logs").create_log_group(logGroupName=GROUP)
    for logical_id, properties in blueprint.of_type("AWS::Events::EventBus").items():
        with _making(logical_id):
            make_logged_bus(connection, properties["Name"])
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
    """A role with its inline policies. AWS's managed ones are left out: they allow logs and traces, which are not sent here."""
    iam.create_role(RoleName=properties["RoleName"], AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]))
    for policy in properties.get("Policies", ()):
        iam.put_role_policy(
            RoleName=properties["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"])
        )
