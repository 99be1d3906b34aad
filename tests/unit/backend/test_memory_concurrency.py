from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.backend.answers import classified
from tests.unit.backend.conftest import TABLE, Lines

from fieldwise_backend.adapters.dynamodb_memory import DynamoMemory, memory_client
from fieldwise_backend.memory.ports import SiteItem
from fieldwise_backend.memory.service import TRIES, Memory
from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.errors import StoreError
from fieldwise_common.wire import FeedbackRequest, MlClassifyResponse

ADA = Caller("https://issuer.example", "ada", frozenset())
SITE, ORIGIN = "0123456789abcdef", "https://shop.example"
FORMS = {name: MlClassifyResponse.model_validate(classified(name * 32, (f"#{name}", "email"))) for name in "abcdef"}


def now() -> datetime:
    return datetime(2026, 11, 22, 10, tzinfo=UTC)


class Contended(DynamoMemory):
    """The real table, with another device acting after each of the first reads of a site."""

    def __init__(self, *acts: Callable[[Memory], object]) -> None:
        super().__init__(TABLE, memory_client())
        self._acts = list(acts)

    def load(self, owner: str, site: str) -> SiteItem:
        item = super().load(owner, site)
        if self._acts:
            self._acts.pop(0)(another_device())
        return item


def another_device(at: Callable[[], datetime] = now) -> Memory:
    return Memory(DynamoMemory(TABLE, memory_client()), at)


def classifying(name: str) -> Callable[[Memory], object]:
    return lambda memory: memory.keep_form(ADA, SITE, ORIGIN, memory.recall(ADA, SITE), FORMS[name])


def correcting(name: str, canonical: str = "tel") -> Callable[[Memory], bool]:
    """Corrects the field of a form that was classified before."""

    def correct(memory: Memory) -> bool:
        given = {"selector": f"#{name}", "canonical": "email", "feedback": "incorrect", "corrected_to": canonical}
        feedback = FeedbackRequest.model_validate(given)
        found = another_device().find(ADA, [SITE], "", feedback)
        assert found is not None
        return memory.learn(ADA, replace(found, field=replace(found.field, signature=f"{name}-b-0")), feedback)

    return correct


def remembered() -> dict[str, str]:
    return {entry.signature: entry.canonical for entry in another_device().recall(ADA, SITE).entries}


def stored_forms() -> set[str]:
    recent = DynamoMemory(TABLE, memory_client()).load(owner_of(ADA), SITE).recent
    return {line[0] for line in recent.splitlines()}


def test_of_two_devices_that_correct_at_once_nothing_is_lost(aws: None) -> None:
    classifying("a")(another_device())
    classifying("b")(another_device())

    assert correcting("a")(Memory(Contended(correcting("b")), now))

    assert remembered() == {"a-b-0": "tel", "b-b-0": "tel"}


def test_a_correction_of_the_same_field_at_once_is_overruled_by_the_later_one(aws: None) -> None:
    classifying("a")(another_device())

    assert correcting("a", "tel")(Memory(Contended(correcting("a", "username")), now))

    assert remembered() == {"a-b-0": "tel"}


def test_a_correction_gives_up_after_repeated_writes_of_other_devices(aws: None, logged: Lines, counted: dict[str, Any]) -> None:
    classifying("a")(another_device())
    others = ["tel", "username"] * TRIES

    is_remembered = correcting("a", "phone")(Memory(Contended(*(correcting("a", other) for other in others)), now))

    assert not is_remembered
    assert "try again" in logged.named("memory failed")[0].detail
    assert "MemoryFailed" in counted


def test_of_two_forms_classified_at_once_both_are_stored(aws: None) -> None:
    classifying("a")(Memory(Contended(classifying("b")), now))

    assert stored_forms() == {"a", "b"}


def test_a_form_is_not_stored_after_repeated_writes_of_other_devices(aws: None, logged: Lines, counted: dict[str, Any]) -> None:
    classifying("a")(Memory(Contended(*(classifying(name) for name in "bcbcbc")), now))

    assert stored_forms() == {"b", "c"}
    assert "try again" in logged.named("memory failed")[0].detail
    assert "MemoryFailed" in counted


def test_a_form_classified_while_a_field_is_corrected_does_not_make_the_memory_expire(aws: None) -> None:
    classifying("a")(another_device())

    classifying("b")(Memory(Contended(correcting("a")), now))

    assert stored_forms() == {"a", "b"}
    assert remembered() == {"a-b-0": "tel"}
    assert "expires" not in item()


def test_a_form_classified_while_the_memory_is_deleted_expires(aws: None) -> None:
    classifying("a")(another_device())
    correcting("a")(another_device())

    classifying("b")(Memory(Contended(lambda other: other.forget(ADA)), now))

    assert remembered() == {}
    assert "expires" in item()


def test_a_correction_made_while_the_site_is_forgotten_is_listed(aws: None) -> None:
    classifying("a")(another_device())
    classifying("b")(another_device())
    correcting("a")(another_device())

    another_device().forget_field(ADA, SITE, "a-b-0")
    correcting("b")(Memory(Contended(lambda other: other.forget_field(ADA, SITE, "a-b-0")), now))

    assert [site.origin for site in another_device().listed(ADA).sites] == [ORIGIN]


def test_a_correction_made_a_moment_later_while_everything_is_forgotten_is_listed(aws: None) -> None:
    class Interrupted(DynamoMemory):
        def delete(self, owner: str, site: str) -> None:
            super().delete(owner, site)
            classifying("b")(another_device())
            correcting("b")(another_device(lambda: now() + timedelta(milliseconds=20)))

    classifying("a")(another_device())
    correcting("a")(another_device())

    Memory(Interrupted(TABLE, memory_client()), now).forget(ADA)

    assert remembered() == {"b-b-0": "tel"}
    assert [site.origin for site in another_device().listed(ADA).sites] == [ORIGIN]


def test_a_site_is_listed_before_its_first_correction_is_stored(aws: None) -> None:
    class Broken(DynamoMemory):
        def save_memory(self, owner: str, site: str, seen: SiteItem, memory: str) -> None:
            raise StoreError("memory table: InternalServerError")

    classifying("a")(another_device())
    store = Broken(TABLE, memory_client())

    assert not correcting("a")(Memory(store, now))

    assert set(store.sites(owner_of(ADA))) == {SITE}
    assert another_device().listed(ADA).sites == ()


def item() -> dict[str, Any]:
    found: dict[str, Any] = memory_client().get_item(TableName=TABLE, Key={"owner": {"S": f"{owner_of(ADA)}/site/{SITE}"}})["Item"]
    return found
