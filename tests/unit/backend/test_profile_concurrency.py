from collections.abc import Callable
from typing import Any

import boto3
import pytest
from tests.unit.backend.conftest import TABLE

from fieldwise_backend.adapters.dynamodb import dynamodb_client
from fieldwise_backend.adapters.dynamodb_profiles import DynamoProfiles
from fieldwise_backend.profile.conditions import Conditions
from fieldwise_backend.profile.parsing import parse_profile
from fieldwise_backend.profile.ports import ConcurrentWrite, StoredProfile
from fieldwise_backend.profile.service import ProfileService, etag_of, owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.errors import PreconditionFailed, StoreError

ADA = Caller("https://issuer.example", "ada", frozenset())
FREE = Conditions()


class Contended(DynamoProfiles):
    """The real table, with another request acting after each of the first reads."""

    def __init__(self, *acts: Callable[[ProfileService], object]) -> None:
        super().__init__(TABLE, dynamodb_client())
        self._acts = list(acts)

    def load(self, owner: str) -> StoredProfile | None:
        found = super().load(owner)
        if self._acts:
            self._acts.pop(0)(ProfileService(DynamoProfiles(TABLE, dynamodb_client())))
        return found


def putting(**document: object) -> Callable[[ProfileService], object]:
    return lambda others: others.replace(ADA, document, FREE)


def test_a_patch_is_applied_again_after_a_concurrent_write(aws: None) -> None:
    service = ProfileService(Contended(putting(username="ada")))

    changed = service.patch(ADA, {"organization": "Analytical Engines"}, FREE)

    assert (changed.profile.username, changed.profile.organization) == ("ada", "Analytical Engines")


def test_if_match_is_checked_again_after_a_concurrent_write(aws: None) -> None:
    etag = ProfileService(DynamoProfiles(TABLE, dynamodb_client())).replace(ADA, {"username": "ada"}, FREE).etag
    service = ProfileService(Contended(putting(username="countess")))

    with pytest.raises(PreconditionFailed):
        service.patch(ADA, {"organization": "Analytical Engines"}, Conditions(if_match=etag))


def test_a_delete_is_tried_again_after_a_concurrent_write(aws: None) -> None:
    service = ProfileService(Contended(lambda _: None, putting(username="countess")))
    service.replace(ADA, {"username": "ada"}, FREE)

    service.delete(ADA, FREE)

    assert DynamoProfiles(TABLE, dynamodb_client()).load(owner_of(ADA)) is None


@pytest.mark.parametrize("act", ["replace", "delete"])
def test_a_write_gives_up_after_repeated_concurrent_writes(aws: None, act: str) -> None:
    putting(username="0")(ProfileService(DynamoProfiles(TABLE, dynamodb_client())))
    service = ProfileService(Contended(*(putting(username=str(n)) for n in range(1, 4))))

    with pytest.raises(StoreError, match="try again"):
        service.replace(ADA, {"username": "ada"}, FREE) if act == "replace" else service.delete(ADA, FREE)


def test_the_table_refuses_a_write_with_an_outdated_etag(aws: None) -> None:
    store = DynamoProfiles(TABLE, dynamodb_client())
    profile = parse_profile({"username": "ada"})
    stored = StoredProfile(profile, etag_of(profile))
    store.save("owner", stored, replacing=None)

    for replacing in (None, '"old"'):
        with pytest.raises(ConcurrentWrite):
            store.save("owner", stored, replacing=replacing)
    with pytest.raises(ConcurrentWrite):
        store.delete("owner", '"old"')


@pytest.mark.parametrize("extra", [{"document": {"S": '{"shoe_size": "tell-nobody"}'}}, {}])
def test_an_invalid_item_is_refused_without_repeating_it(aws: None, extra: dict[str, Any]) -> None:
    boto3.client("dynamodb").put_item(TableName=TABLE, Item={"owner": {"S": "owner"}, "etag": {"S": '"e"'}, **extra})

    with pytest.raises(StoreError) as refused:
        DynamoProfiles(TABLE, dynamodb_client()).load("owner")

    assert "tell-nobody" not in str(refused.value)


def test_the_owner_depends_on_issuer_and_subject() -> None:
    owners = {owner_of(Caller(iss, sub, frozenset())) for iss in ("https://a", "https://b") for sub in ("ada", "eve")}

    assert len(owners) == 4
    assert all("ada" not in owner for owner in owners)
