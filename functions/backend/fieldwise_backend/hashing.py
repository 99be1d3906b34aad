"""Keyed hashes of users and sites: equal for equal input, and without the key they can't be traced back."""

from dataclasses import dataclass, field
from typing import Protocol

from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import site_hash, user_hash
from fieldwise_common.errors import FieldFault, InvalidRequest, StoreError
from fieldwise_common.wire_types import origin_of


@dataclass(frozen=True, slots=True)
class HashKey:
    """The key of the hashes; b"" while it can't be read. Every hash is "" then."""

    key: bytes = field(default=b"", repr=False)

    def user(self, caller: Caller) -> str:
        """The hash of a user, 64 hex digits."""
        return user_hash(self.key, caller.issuer, caller.subject) if self.key else ""

    def site(self, origin: str) -> str:
        """The hash of a site, 16 hex digits. `origin`: as `origin_of` returns it; "" is the site of all pages without one."""
        return site_hash(self.key, origin) if self.key else ""


class HashKeys(Protocol):
    """Where the key is stored."""

    def read(self) -> HashKey:
        """The key. Never raises: without the key a request is served without its hashes, and the failure is counted."""
        ...


def named_site(origin: str, keys: HashKeys) -> tuple[str, str]:
    """The origin of a URL, and the keyed hash of its site; "" names the pages without an origin.

    Raises InvalidRequest for a text that is not a web address, StoreError when the key of the hashes is not available.
    """
    named = origin_of(origin)
    if origin.strip() and not named:
        raise InvalidRequest("invalid: /origin", (FieldFault("/origin", "must be an origin such as https://shop.example, or empty"),))
    site = keys.read().site(named)
    if not site:
        raise StoreError("the key of the site hashes can't be read: try again")
    return named, site
