"""The memories in the profiles' table: an item per user and site, and a directory per user.

The table's key is `owner` alone, so the items' keys start with the owner: `<owner>/site/<site>` and `<owner>/sites`. The
directory has one attribute per site, named by its hash, with the time of its last change: entering a site is one atomic update.
"""

from collections.abc import Mapping
from typing import Any

from fieldwise_backend.adapters.dynamodb import dynamodb_client, table_call
from fieldwise_backend.memory.ports import SiteItem
from fieldwise_backend.memory.recents import newest_form

CONNECT_SECONDS = 0.25
READ_SECONDS = 0.5
"""Shorter than for a profile: without the memory a form is still classified."""
KEY = "owner"
NAMES = {"#memory": "memory", "#origin": "origin", "#revision": "revision", "#recent": "recent", "#expires": "expires"}
"""Some of the attributes' names are reserved words of DynamoDB's expressions."""

IS_REVISION = "#revision = :seen"
HAS_NO_MEMORY = "attribute_not_exists(#memory)"
HAS_MEMORY = "attribute_exists(#memory)"
IS_SAME_RECENT = "begins_with(#recent, :seen)"
HAS_NO_RECENT = "attribute_not_exists(#recent)"


class DynamoMemory:
    """The table `name`. `client` is boto3's DynamoDB client."""

    def __init__(self, name: str, client: Any) -> None:
        self._name = name
        self._client = client

    def load(self, owner: str, site: str) -> SiteItem:
        """Reads consistently: every earlier write is seen."""
        item = self._get(_site_key(owner, site))
        memory = item.get("memory")
        return SiteItem(
            origin=_text(item.get("origin")),
            memory=_text(memory) if memory is not None else None,
            revision=_number(item.get("revision")),
            recent=_text(item.get("recent")),
        )

    def save_memory(self, owner: str, site: str, seen: SiteItem, memory: str) -> None:
        """Updates the item if its memory has still the revision of `seen`."""
        values = {":memory": {"S": memory}, ":origin": {"S": seen.origin}, ":revision": {"N": str(seen.revision + 1)}}
        change = "SET #memory = :memory, #origin = :origin, #revision = :revision REMOVE #expires"
        self._update(_site_key(owner, site), change, *_same_revision(seen), values)

    def drop_memory(self, owner: str, site: str, seen: SiteItem, expires: int) -> None:
        """Updates the item if its memory has still the revision of `seen`."""
        change = "SET #expires = :expires REMOVE #memory, #revision"
        self._update(_site_key(owner, site), change, *_same_revision(seen), {":expires": {"N": str(expires)}})

    def save_recent(self, owner: str, site: str, seen: SiteItem, recent: str, expires: int) -> None:
        """Updates the item if its newest form is still that of `seen`, and it still has a memory, or has none, as `seen`."""
        change, values = "SET #recent = :recent, #origin = :origin", {":recent": {"S": recent}, ":origin": {"S": seen.origin}}
        if seen.memory is None:
            change, values = f"{change}, #expires = :expires", {**values, ":expires": {"N": str(expires)}}
        condition = f"{HAS_NO_MEMORY if seen.memory is None else HAS_MEMORY} AND {IS_SAME_RECENT if seen.recent else HAS_NO_RECENT}"
        seen_values = {":seen": {"S": newest_form(seen.recent)}} if seen.recent else {}
        self._update(_site_key(owner, site), change, condition, seen_values, values)

    def delete(self, owner: str, site: str) -> None:
        """Deletes the item, whatever it holds."""
        with table_call("memory"):
            self._client.delete_item(TableName=self._name, Key=_site_key(owner, site))

    def sites(self, owner: str) -> Mapping[str, int]:
        """Reads consistently."""
        return _directory(self._get(_directory_key(owner)))

    def list_site(self, owner: str, site: str, at: int) -> Mapping[str, int]:
        """One update, which creates the directory if there is none."""
        with table_call("memory"):
            answer = self._client.update_item(
                TableName=self._name,
                Key=_directory_key(owner),
                UpdateExpression="SET #site = :at",
                ExpressionAttributeNames={"#site": site},
                ExpressionAttributeValues={":at": {"N": str(at)}},
                ReturnValues="ALL_NEW",
            )
        return _directory(answer["Attributes"])

    def unlist_site(self, owner: str, site: str, at: int) -> None:
        """Updates the directory if the site's last change is still `at`."""
        with table_call("memory"):
            self._client.update_item(
                TableName=self._name,
                Key=_directory_key(owner),
                UpdateExpression="REMOVE #site",
                ConditionExpression="#site = :at",
                ExpressionAttributeNames={"#site": site},
                ExpressionAttributeValues={":at": {"N": str(at)}},
            )

    def _get(self, key: Mapping[str, Any]) -> Mapping[str, Any]:
        with table_call("memory"):
            answer = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        item: Mapping[str, Any] = answer.get("Item", {})
        return item

    def _update(self, key: Mapping[str, Any], change: str, condition: str, seen: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """`seen` and `values` are the values that the condition and the change name."""
        names = {name: attribute for name, attribute in NAMES.items() if name in change + condition}
        with table_call("memory"):
            self._client.update_item(
                TableName=self._name,
                Key=key,
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={**seen, **values},
            )


def _site_key(owner: str, site: str) -> dict[str, Any]:
    return {KEY: {"S": f"{owner}/site/{site}"}}


def _directory_key(owner: str) -> dict[str, Any]:
    return {KEY: {"S": f"{owner}/sites"}}


def _directory(item: Mapping[str, Any]) -> Mapping[str, int]:
    return {site: _number(at) for site, at in item.items() if site != KEY}


def _same_revision(seen: SiteItem) -> tuple[str, dict[str, Any]]:
    return (IS_REVISION, {":seen": {"N": str(seen.revision)}}) if seen.revision else ("attribute_not_exists(#revision)", {})


def _text(attribute: Mapping[str, str] | None) -> str:
    return (attribute or {}).get("S", "")


def _number(attribute: Mapping[str, str] | None) -> int:
    return int((attribute or {}).get("N", 0))


def memory_client() -> Any:
    """boto3's DynamoDB client, with timeouts so short that a slow table delays a form by a second at most."""
    return dynamodb_client(CONNECT_SECONDS, READ_SECONDS)
