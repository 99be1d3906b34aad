from collections.abc import Callable
from typing import Any

import boto3
import pytest
from tests.unit.backend.conftest import TABLE

from fieldwise_backend.adapters.dynamodb_profiles import DynamoProfiles, dynamodb_client
from fieldwise_backend.profile.conditions import Conditions
from fieldwise_backend.profile.parsing import parse_profile
from fieldwise_backend.profile.ports import ConcurrentWrite, StoredProfile
from fieldwise_backend.profile.service import ProfileService, etag_of, owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.errors import PreconditionFailed, StoreError

ADA = Caller("https://issuer.example", "ada", frozenset())
FREE = Conditions()


class Contended(DynamoProfiles):
    """The real table, where somebody else acts after each of the first reads."""

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


def test_a_patch_is_computed_anew_when_somebody_else_wrote_in_between(aws: None) -> None:
    service = ProfileService(Contended(putting(username="ada")))

    changed = service.patch(ADA, {"organization": "Analytical Engines"}, FREE)

    assert (changed.profile.username, changed.profile.organization) == ("ada", "Analytical Engines")


def test_if_match_is_checked_against_what_the_other_wrote(aws: None) -> None:
    etag = ProfileService(DynamoProfiles(TABLE, dynamodb_client())).replace(ADA, {"username": "ada"}, FREE).etag
    service = ProfileService(Contended(putting(username="countess")))

    with pytest.raises(PreconditionFailed):
        service.patch(ADA, {"organization": "Analytical Engines"}, Conditions(if_match=etag))


def test_a_delete_is_tried_anew_when_somebody_else_wrote_in_between(aws: None) -> None:
    service = ProfileService(Contended(lambda _: None, putting(username="countess")))
    service.replace(ADA, {"username": "ada"}, FREE)

    service.delete(ADA, FREE)

    assert DynamoProfiles(TABLE, dynamodb_client()).load(owner_of(ADA)) is None


@pytest.mark.parametrize("act", ["replace", "delete"])
def test_endless_contention_is_given_up(aws: None, act: str) -> None:
    putting(username="0")(ProfileService(DynamoProfiles(TABLE, dynamodb_client())))
    service = ProfileService(Contended(*(putting(username=str(n)) for n in range(1, 4))))

    with pytest.raises(StoreError, match="try again"):
        service.replace(ADA, {"username": "ada"}, FREE) if act == "replace" else service.delete(ADA, FREE)


def test_the_table_refuses_to_replace_what_was_not_read(aws: None) -> None:
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
def test_an_item_that_is_no_profile_is_refused_without_repeating_it(aws: None, extra: dict[str, Any]) -> None:
    boto3.client("dynamodb").put_item(TableName=TABLE, Item={"owner": {"S": "owner"}, "etag": {"S": '"e"'}, **extra})

    with pytest.raises(StoreError) as refused:
        DynamoProfiles(TABLE, dynamodb_client()).load("owner")

    assert "tell-nobody" not in str(refused.value)


def test_the_owner_is_issuer_and_subject_together() -> None:
    owners = {owner_of(Caller(iss, sub, frozenset())) for iss in ("https://a", "https://b") for sub in ("ada", "eve")}

    assert len(owners) == 4
    assert all("ada" not in owner for owner in owners)
