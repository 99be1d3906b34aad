"""`/api/autofill/overrides`: what an admin says about a field of a site. Inference reads it as often as the pointer."""

from typing import Annotated

from fastapi import APIRouter, Query, status

from fieldwise_backend.dependencies import CurrentRequester, OverridesOfSites, bearer
from fieldwise_backend.overrides.request import OverrideRequest
from fieldwise_common.store.overrides import Override, Overrides

router = APIRouter(prefix="/api/autofill/overrides", tags=["overrides"], dependencies=[bearer])


@router.get("", response_model_exclude_none=True)
def read(requester: CurrentRequester, overrides: OverridesOfSites) -> Overrides:
    """List all overrides; needs the admin scope."""
    return overrides.listed(requester.caller)


@router.put("", response_model_exclude_none=True)
def put(body: OverrideRequest, requester: CurrentRequester, overrides: OverridesOfSites) -> Override:
    """Decide about a field of a site, at once and for everyone; needs the admin scope."""
    return overrides.put(requester, body)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
def delete(
    requester: CurrentRequester,
    overrides: OverridesOfSites,
    origin: Annotated[str, Query(description="As in the override.")],
    signature: Annotated[str, Query(description="As in the override.")],
) -> None:
    """Delete an override; needs the admin scope."""
    overrides.delete(requester.caller, origin, signature)
