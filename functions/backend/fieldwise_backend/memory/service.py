"""The memory of each user: read when a form is classified, changed by feedback, listed and deleted by its owner.

Classifying and feedback never fail because of it: when the table does, there is no memory this time, a warning, and a metric.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError

from fieldwise_backend.memory import recents
from fieldwise_backend.memory.entries import Entries, bounded_text, corrected, forgotten, parse_entries
from fieldwise_backend.memory.ports import MemoryStore, SiteItem
from fieldwise_backend.memory.recents import KEEP_SECONDS, RecentField
from fieldwise_backend.profile.ports import ConcurrentWrite
from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import ADMIN_SCOPE, Caller
from fieldwise_common.decision_ids import DecisionId
from fieldwise_common.errors import StoreError
from fieldwise_common.observability import logger, metrics
from fieldwise_common.wire import FeedbackRequest, MlClassifyResponse

MAX_SITES = 500
"""Sites with a memory per user; the one corrected longest ago is dropped first."""
MIN_PAGE_BYTES = 500_000
"""A page of a user's list ends after the site with which it reaches this size: even with JSON's escapes it stays below Lambda's 6 MB."""
TRIES = 5
"""Attempts at a write when other devices of the user write at the same time."""
FAILED = "MemoryFailed"


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was read of one site. `item` is None if it could not be read."""

    item: SiteItem | None = None
    entries: Entries = ()


@dataclass(frozen=True, slots=True)
class FoundField:
    """The field that feedback is about, in a form that the user classified."""

    site: str
    origin: str
    request_id: str
    field: RecentField


@dataclass(frozen=True, slots=True)
class RememberedSite:
    """One site of a user's list. `origin` is "" for pages without one."""

    origin: str
    entries: Entries


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """Sites of a user's list, by origin. `next` is where the next page starts, "" on the last one."""

    sites: tuple[RememberedSite, ...]
    next: str = ""


class Memory:
    """The caller's own memory; no method reads another user's. `now` returns the current time with its time zone."""

    def __init__(self, store: MemoryStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def recall(self, caller: Caller, site: str) -> Recalled:
        """What the caller remembers of a site; nothing for the site "", whose hash is not available. Never raises StoreError."""
        if not site:
            return Recalled()
        with _tolerated("read"):
            item = self._store.load(owner_of(caller), site)
            return Recalled(item, _entries(item))
        return Recalled()

    def keep_form(self, caller: Caller, site: str, origin: str, recalled: Recalled, answer: MlClassifyResponse) -> None:
        """Stores the classified form, unless the newest one stored is the same. Never raises StoreError.

        An admin's form is always stored, even beside equal ones: an override may name its field by a decision of any of these requests.
        """
        fields = recents.fields_text(answer.decisions)
        if recalled.item is None or not fields:
            return
        now, owner, item = self._seconds(), owner_of(caller), recalled.item
        is_admin = ADMIN_SCOPE in caller.scopes
        if not is_admin and recents.is_newest(item.recent, fields, now):
            return
        with _tolerated("form not stored"):
            for _ in range(TRIES):
                earlier = item.recent if is_admin else recents.without_form(item.recent, fields)
                recent = recents.with_form(earlier, answer.request_id, fields, now)
                with suppress(ConcurrentWrite):
                    return self._store.save_recent(owner, site, replace(item, origin=origin), recent, now + KEEP_SECONDS)
                item = self._store.load(owner, site)
            raise _too_many_writes()

    def find(self, caller: Caller, sites: Sequence[str], request_id: str, feedback: FeedbackRequest) -> FoundField | None:
        """The field that feedback is about, in the forms of the first of `sites` that has its selector. Never raises StoreError."""
        with _tolerated("read"):
            for site in sites:
                item = self._store.load(owner_of(caller), site)
                forms = recents.forms_of(item.recent, self._seconds())
                found = recents.find_field(forms, request_id, feedback.selector, feedback.canonical)
                if found is not None:
                    return FoundField(site, item.origin, found[0].request_id, found[1])
        return None

    def decided(self, caller: Caller, site: str, request_id: str, position: int) -> RecentField | None:
        """The field at a position of one request's form; None if it is no longer stored. Raises StoreError."""
        forms = recents.forms_of(self._store.load(owner_of(caller), site).recent, self._seconds())
        fields = (field for form in forms if form.request_id == request_id for field in form.fields)
        return next((field for field in fields if field.position == position), None)

    def origin_of(self, caller: Caller, decision: DecisionId, selector: str) -> str | None:
        """The origin of the page on which a field was decided; None if it is in none of the caller's recent forms. Raises StoreError."""
        item = self._store.load(owner_of(caller), decision.site)
        forms = recents.forms_of(item.recent, self._seconds())
        return item.origin if recents.has_decided(forms, decision.request_id, decision.position, selector) else None

    def learn(self, caller: Caller, found: FoundField, feedback: FeedbackRequest) -> bool:
        """Remembers feedback about a field; returns whether it is remembered now. Never raises StoreError."""
        at = self._now()

        def change(entries: Entries) -> Entries:
            return corrected(entries, found.field.signature, found.field.label, feedback, at)

        with _tolerated("feedback not remembered"):
            owner = owner_of(caller)
            item = self._store.load(owner, found.site)
            entries = _entries(item)
            if change(entries) == entries:
                return True
            listed = self._store.list_site(owner, found.site, _milliseconds(at))  # first: nothing is stored that is not listed
            self._change(owner, found.site, replace(item, origin=found.origin), change)
            for site in sorted(listed, key=lambda site: listed[site])[: max(0, len(listed) - MAX_SITES)]:
                self._drop_site(owner, site, listed[site])
            return True
        return False

    def listed(self, caller: Caller, after: str = "") -> MemoryPage:
        """A page of what the caller remembers: the sites whose hashes follow `after`, as many as fit. Raises StoreError."""
        owner = owner_of(caller)
        found: list[RememberedSite] = []
        size, last = 0, ""
        for site in sorted(site for site in self._store.sites(owner) if site > after):
            if size >= MIN_PAGE_BYTES:
                return MemoryPage(_by_origin(found), next=last)
            item = self._store.load(owner, site)
            found.append(RememberedSite(item.origin, _entries(item)))
            size, last = size + len((item.memory or "").encode()), site
        return MemoryPage(_by_origin(found))

    def forget(self, caller: Caller) -> None:
        """Deletes everything the caller remembers, with the recent forms of those sites. Raises StoreError."""
        owner = owner_of(caller)
        for site, at in self._store.sites(owner).items():
            self._drop_site(owner, site, at)

    def forget_site(self, caller: Caller, site: str) -> None:
        """Deletes everything of one site, its recent forms too. Raises StoreError."""
        owner = owner_of(caller)
        self._drop_site(owner, site, self._store.sites(owner).get(site))

    def forget_field(self, caller: Caller, site: str, signature: str) -> None:
        """Deletes what is remembered of one field. Raises StoreError."""
        owner = owner_of(caller)
        at = self._store.sites(owner).get(site)
        is_left = self._change(owner, site, self._store.load(owner, site), lambda entries: forgotten(entries, signature))
        if at is not None and not is_left:
            with suppress(ConcurrentWrite):
                self._store.unlist_site(owner, site, at)

    def _change(self, owner: str, site: str, item: SiteItem, change: Callable[[Entries], Entries]) -> bool:
        """Changes the entries of a site; again, if another device changed them in between. Returns whether any are left."""
        for _ in range(TRIES):
            old = _entries(item)
            new = change(old)
            with suppress(ConcurrentWrite):
                if new and new != old:
                    self._store.save_memory(owner, site, item, bounded_text(new))
                elif not new and item.memory is not None:
                    self._store.drop_memory(owner, site, item, self._seconds() + KEEP_SECONDS)
                return bool(new)
            item = replace(self._store.load(owner, site), origin=item.origin)
        raise _too_many_writes()

    def _drop_site(self, owner: str, site: str, at: int | None) -> None:
        """Deletes a site's item and, if `at` is when it was listed and it has not been changed since, its entry in the directory."""
        self._store.delete(owner, site)
        if at is not None:
            with suppress(ConcurrentWrite):
                self._store.unlist_site(owner, site, at)

    def _seconds(self) -> int:
        return int(self._now().timestamp())


def _by_origin(sites: Iterable[RememberedSite]) -> tuple[RememberedSite, ...]:
    return tuple(sorted((site for site in sites if site.entries), key=lambda site: site.origin))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _entries(item: SiteItem) -> Entries:
    """The remembered fields of an item. A memory that can't be parsed counts as empty, with a warning."""
    if item.memory is None:
        return ()
    try:
        return parse_entries(item.memory)
    except ValidationError as error:
        _warn("can't be parsed", f"{error.error_count()} wrong values")
        return ()


@contextmanager
def _tolerated(what: str) -> Iterator[None]:
    """Goes on after a failure of the store, with a warning and a metric."""
    try:
        yield
    except StoreError as error:
        _warn(what, str(error))


def _warn(what: str, detail: str) -> None:
    logger.warning("memory failed", extra={"what": what, "detail": detail})
    metrics.add_metric(name=FAILED, unit="Count", value=1)


def _too_many_writes() -> StoreError:
    return StoreError("the memory was changed by other requests at the same time: try again")
