"""`/api/autofill/memory`: what the caller has corrected and confirmed, and forgetting it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, status

from fieldwise_backend.dependencies import CurrentRequester, Keys, UserMemory, bearer
from fieldwise_backend.hashing import named_site
from fieldwise_backend.memory.service import RememberedSite
from fieldwise_common.errors import FieldFault, InvalidRequest
from fieldwise_common.wire import Wire

router = APIRouter(prefix="/api/autofill/memory", tags=["memory"], dependencies=[bearer])

Origin = Annotated[str | None, Query(description="One site; empty: the pages without an origin.")]
After = Annotated[str, Query(description="`next` of the page before; empty: the first page.")]
Signature = Annotated[str | None, Query(description="One field of the site.")]


class ListedField(Wire):
    """One field. `canonical`: the id you confirmed, or ""; `rejected`: ids that it never gets for you; `at`: the last change."""

    signature: str
    label: str
    canonical: str
    rejected: tuple[str, ...]
    at: datetime


class ListedSite(Wire):
    """The fields of one site, the one changed longest ago first. `origin` is "" for pages without one."""

    origin: str
    fields: tuple[ListedField, ...]


class ListedMemory(Wire):
    """What you have corrected or confirmed, by origin. `next`: there is more, which `?after=<next>` lists; absent on the last page."""

    sites: tuple[ListedSite, ...]
    next: str | None = None


def _listed(site: RememberedSite) -> ListedSite:
    fields = (ListedField.model_validate(entry.model_dump()) for entry in site.entries)
    return ListedSite(origin=site.origin, fields=tuple(fields))


@router.get("", response_model_exclude_none=True)
def read(requester: CurrentRequester, memory: UserMemory, after: After = "") -> ListedMemory:
    """List what you have corrected and confirmed."""
    page = memory.listed(requester.caller, after)
    return ListedMemory(sites=tuple(map(_listed, page.sites)), next=page.next or None)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
def delete(requester: CurrentRequester, memory: UserMemory, keys: Keys, origin: Origin = None, signature: Signature = None) -> None:
    """Forget everything, one site, or one field of a site."""
    if origin is None:
        if signature is not None:
            raise InvalidRequest("invalid: /origin", (FieldFault("/origin", "is required with `signature`"),))
        return memory.forget(requester.caller)
    _, site = named_site(origin, keys)
    if signature is None:
        return memory.forget_site(requester.caller, site)
    return memory.forget_field(requester.caller, site, signature)
