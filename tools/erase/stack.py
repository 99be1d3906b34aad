"""Where a deployed stack stores user data."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fieldwise_common.aws import code_of
from fieldwise_common.errors import SettingsError
from tools.erase.aws import client, one_line, store_errors


@dataclass(frozen=True, slots=True)
class StackResources:
    """The names of a stack's table, bucket and secret, from its outputs."""

    table: str
    bucket: str
    secret: str


def resources_of(stack: str) -> StackResources:
    """Raises SettingsError when the stack does not exist, CloudFormation can't be called, or a required output is missing."""
    try:
        (found,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        raise SettingsError(f"stack {stack}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise SettingsError(f"stack {stack}: {one_line(error)}") from error
    except (ResponseParserError, KeyError) as error:  # KeyError: a well-formed response of another service
        raise SettingsError(f"stack {stack}: the endpoint does not respond as AWS does ({code_of(error)})") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}
    try:
        return StackResources(outputs["ProfilesTableName"], outputs["DataBucketName"], outputs["UserHashSecretArn"])
    except KeyError as error:
        raise SettingsError(f"stack {stack} has no output {error.args[0]}: is it a Fieldwise stack of this version?") from None


def hash_key(secret: str) -> bytes:
    """The key of the user hashes. Raises StoreError."""
    with store_errors(secret):
        return str(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]).encode()


class UserItems:
    """The items of the table, without parsing them: what no longer fits the schema must be erasable. Every method raises StoreError."""

    def __init__(self, table: str, dynamodb: Any) -> None:
        self._table = table
        self._dynamodb = dynamodb

    def keys(self, owner: str) -> tuple[str, ...]:
        """The keys of a user's items, which all start with the owner: the profile's is the owner itself. Scans the table."""
        scan = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            ConsistentRead=True,
            FilterExpression="begins_with(#o, :owner)",
            ProjectionExpression="#o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":owner": {"S": owner}},
        )
        with store_errors(self._table):
            return tuple(sorted(item["owner"]["S"] for page in scan for item in page["Items"]))

    def delete(self, key: str) -> None:
        """Deletes an item; it is not an error when there is none."""
        with store_errors(self._table):
            self._dynamodb.delete_item(TableName=self._table, Key={"owner": {"S": key}})
