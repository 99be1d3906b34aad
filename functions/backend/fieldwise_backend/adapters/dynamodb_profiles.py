"""Profiles in a DynamoDB table: one item per owner, holding the profile's JSON text and its ETag."""

from typing import Any, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from fieldwise_backend.profile.parsing import document_of
from fieldwise_backend.profile.ports import ConcurrentWrite, StoredProfile
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.aws_errors import code_of
from fieldwise_common.errors import StoreError
from fieldwise_common.observability import traced_part

IS_ETAG = "etag = :etag"
IS_NEW = "attribute_not_exists(etag)"
PART = "profile"
"""Its name in traces."""


class DynamoProfiles:
    """The table `name`, by its partition key `owner`. `client` is boto3's DynamoDB client."""

    def __init__(self, name: str, client: Any) -> None:
        self._name = name
        self._client = client

    def load(self, owner: str) -> StoredProfile | None:
        """Reads consistently: what was written before is seen."""
        try:
            with traced_part(PART):
                answer = self._client.get_item(TableName=self._name, Key={"owner": {"S": owner}}, ConsistentRead=True)
        except (ClientError, BotoCoreError) as error:
            _refuse(error)
        item = answer.get("Item")
        if item is None:
            return None
        try:
            return StoredProfile(Profile.model_validate_json(item["document"]["S"]), item["etag"]["S"])
        except (ValidationError, KeyError):
            raise StoreError("the stored profile does not fit the schema") from None

    def save(self, owner: str, stored: StoredProfile, replacing: str | None) -> None:
        """Puts the item if the one there is still the one that is replaced."""
        item = {"owner": {"S": owner}, "etag": {"S": stored.etag}, "document": {"S": document_of(stored.profile)}}
        try:
            with traced_part(PART):
                self._client.put_item(TableName=self._name, Item=item, **_condition(replacing))
        except (ClientError, BotoCoreError) as error:
            _refuse(error)

    def delete(self, owner: str, replacing: str) -> None:
        """Deletes the item if it is still the one that was read."""
        try:
            with traced_part(PART):
                self._client.delete_item(TableName=self._name, Key={"owner": {"S": owner}}, **_condition(replacing))
        except (ClientError, BotoCoreError) as error:
            _refuse(error)


def _condition(replacing: str | None) -> dict[str, Any]:
    if replacing is None:
        return {"ConditionExpression": IS_NEW}
    return {"ConditionExpression": IS_ETAG, "ExpressionAttributeValues": {":etag": {"S": replacing}}}


def _refuse(error: ClientError | BotoCoreError) -> NoReturn:
    code = code_of(error)
    if code == "ConditionalCheckFailedException":
        raise ConcurrentWrite("the profile was changed meanwhile") from None
    raise StoreError(f"the profile table answered {code}") from error


def dynamodb_client() -> Any:
    """boto3's DynamoDB client, impatient enough for a request that is waited for."""
    return boto3.client("dynamodb", config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2}))
