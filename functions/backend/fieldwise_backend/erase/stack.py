"""Where a deployed stack keeps what it knows of its users."""

from dataclasses import dataclass
from typing import Any, NoReturn

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from fieldwise_common.errors import SettingsError, StoreError


@dataclass(frozen=True, slots=True)
class Places:
    """The names of a stack's table, bucket and secret, from its outputs."""

    table: str
    bucket: str
    secret: str


def places_of(stack: str) -> Places:
    """Raises SettingsError when there is no such stack, or when it lacks an output that is needed."""
    try:
        (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        raise SettingsError(f"stack {stack}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise SettingsError(f"stack {stack}: {error}") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}
    try:
        return Places(outputs["ProfilesTableName"], outputs["DataBucketName"], outputs["UserHashSecretArn"])
    except KeyError as error:
        raise SettingsError(f"stack {stack} has no output {error.args[0]}: is it Fieldwise, and of this version?") from None


def hash_key(secret: str) -> bytes:
    """The key of the user hashes. Raises StoreError."""
    try:
        return str(boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]).encode()
    except (ClientError, BotoCoreError) as error:
        _refuse(secret, error)


class ProfileItems:
    """The profile table, whatever is in it: also a profile that no longer fits the schema has to go."""

    def __init__(self, table: str, client: Any) -> None:
        self._table = table
        self._client = client

    def exists(self, owner: str) -> bool:
        """Raises StoreError."""
        try:
            answer = self._client.get_item(
                TableName=self._table,
                Key={"owner": {"S": owner}},
                ConsistentRead=True,
                ProjectionExpression="#o",
                ExpressionAttributeNames={"#o": "owner"},
            )
        except (ClientError, BotoCoreError) as error:
            _refuse(self._table, error)
        return "Item" in answer

    def delete(self, owner: str) -> None:
        """Raises StoreError."""
        try:
            self._client.delete_item(TableName=self._table, Key={"owner": {"S": owner}})
        except (ClientError, BotoCoreError) as error:
            _refuse(self._table, error)


def _refuse(name: str, error: ClientError | BotoCoreError) -> NoReturn:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    raise StoreError(f"{name}: {code}") from error
