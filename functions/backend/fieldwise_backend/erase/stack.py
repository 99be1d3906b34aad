"""Where a deployed stack keeps what it knows of its users."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fieldwise_backend.erase.aws import REFUSALS, client, one_line, refuse
from fieldwise_common.aws_errors import code_of
from fieldwise_common.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Places:
    """The names of a stack's table, bucket and secret, from its outputs."""

    table: str
    bucket: str
    secret: str


def places_of(stack: str) -> Places:
    """Raises SettingsError when there is no such stack, when AWS can't be asked, or when an output that is needed is missing."""
    try:
        (found,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        raise SettingsError(f"stack {stack}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise SettingsError(f"stack {stack}: {one_line(error)}") from error
    except (ResponseParserError, KeyError) as error:  # the latter where a well-formed answer is another one's
        raise SettingsError(f"stack {stack}: something else than AWS answers ({code_of(error)})") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}
    try:
        return Places(outputs["ProfilesTableName"], outputs["DataBucketName"], outputs["UserHashSecretArn"])
    except KeyError as error:
        raise SettingsError(f"stack {stack} has no output {error.args[0]}: is it Fieldwise, and of this version?") from None


def hash_key(secret: str) -> bytes:
    """The key of the user hashes. Raises StoreError."""
    try:
        return str(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]).encode()
    except REFUSALS as error:
        refuse(secret, error)


class ProfileItems:
    """The profile table, whatever is in it: also a profile that no longer fits the schema has to go."""

    def __init__(self, table: str, dynamodb: Any) -> None:
        self._table = table
        self._dynamodb = dynamodb

    def exists(self, owner: str) -> bool:
        """Raises StoreError."""
        try:
            answer = self._dynamodb.get_item(
                TableName=self._table,
                Key={"owner": {"S": owner}},
                ConsistentRead=True,
                ProjectionExpression="#o",
                ExpressionAttributeNames={"#o": "owner"},
            )
        except REFUSALS as error:
            refuse(self._table, error)
        return "Item" in answer

    def delete(self, owner: str) -> None:
        """Raises StoreError."""
        try:
            self._dynamodb.delete_item(TableName=self._table, Key={"owner": {"S": owner}})
        except REFUSALS as error:
            refuse(self._table, error)
