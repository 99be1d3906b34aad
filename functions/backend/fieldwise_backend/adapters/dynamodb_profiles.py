"""Profiles in a DynamoDB table: one item per owner, holding the profile's JSON text and its ETag."""

from typing import Any

from pydantic import ValidationError

from fieldwise_backend.adapters.dynamodb import table_call
from fieldwise_backend.profile.parsing import document_of
from fieldwise_backend.profile.ports import StoredProfile
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.errors import StoreError

IS_ETAG = "etag = :etag"
IS_NEW = "attribute_not_exists(etag)"


class DynamoProfiles:
    """The table `name`, by its partition key `owner`. `client` is boto3's DynamoDB client."""

    def __init__(self, name: str, client: Any) -> None:
        self._name = name
        self._client = client

    def load(self, owner: str) -> StoredProfile | None:
        """Reads consistently: every earlier write is seen."""
        with table_call("profile"):
            answer = self._client.get_item(TableName=self._name, Key={"owner": {"S": owner}}, ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            return None
        try:
            return StoredProfile(Profile.model_validate_json(item["document"]["S"]), item["etag"]["S"])
        except (ValidationError, KeyError):
            raise StoreError("the stored profile does not match the schema") from None

    def save(self, owner: str, stored: StoredProfile, replacing: str | None) -> None:
        """Puts the item if the stored one still has the ETag `replacing`."""
        item = {"owner": {"S": owner}, "etag": {"S": stored.etag}, "document": {"S": document_of(stored.profile)}}
        with table_call("profile"):
            self._client.put_item(TableName=self._name, Item=item, **_condition(replacing))

    def delete(self, owner: str, replacing: str) -> None:
        """Deletes the item if it still has the ETag `replacing`."""
        with table_call("profile"):
            self._client.delete_item(TableName=self._name, Key={"owner": {"S": owner}}, **_condition(replacing))


def _condition(replacing: str | None) -> dict[str, Any]:
    if replacing is None:
        return {"ConditionExpression": IS_NEW}
    return {"ConditionExpression": IS_ETAG, "ExpressionAttributeValues": {":etag": {"S": replacing}}}
