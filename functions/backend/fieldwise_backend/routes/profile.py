"""`/api/profile`: the caller's own profile, with ETags against lost updates."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response, status

from fieldwise_backend.dependencies import CurrentRequester, Profiles, bearer
from fieldwise_backend.profile.conditions import Conditions, is_unchanged
from fieldwise_backend.profile.ports import StoredProfile
from fieldwise_backend.profile.schema import Profile

router = APIRouter(prefix="/api/profile", tags=["profile"], dependencies=[bearer])

IfMatch = Annotated[str | None, Header(description="Change the profile only while it has this ETag.")]
IfNoneMatch = Annotated[str | None, Header(description="`*`: only if there is no profile yet.")]
Document = Annotated[Any, Body()]
"""Parsed by the profile logic, which treats a null as an absent key and reports every invalid key."""


def _described(*media_types: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Profile"}
    return {"requestBody": {"required": True, "content": {m: {"schema": schema} for m in media_types}}}


def _answer(stored: StoredProfile, response: Response) -> Profile:
    response.headers["ETag"] = stored.etag
    return stored.profile


@router.get("", response_model=Profile, response_model_exclude_defaults=True, responses={304: {"description": "Unchanged"}})
def read(requester: CurrentRequester, profiles: Profiles, response: Response, if_none_match: IfNoneMatch = None) -> Profile | Response:
    """Read your profile."""
    stored = profiles.read(requester.caller)
    if is_unchanged(if_none_match, stored.etag):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers={"ETag": stored.etag})
    return _answer(stored, response)


@router.put("", response_model_exclude_defaults=True, openapi_extra=_described("application/json"))
def replace(
    document: Document,
    requester: CurrentRequester,
    profiles: Profiles,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Profile:
    """Replace your whole profile."""
    return _answer(profiles.replace(requester.caller, document, Conditions(if_match, if_none_match)), response)


@router.patch("", response_model_exclude_defaults=True, openapi_extra=_described("application/merge-patch+json", "application/json"))
def patch(document: Document, requester: CurrentRequester, profiles: Profiles, response: Response, if_match: IfMatch = None) -> Profile:
    """Change parts of your profile with a JSON merge patch (RFC 7396): null removes, lists are replaced."""
    return _answer(profiles.patch(requester.caller, document, Conditions(if_match)), response)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
def delete(requester: CurrentRequester, profiles: Profiles, if_match: IfMatch = None) -> None:
    """Delete your profile."""
    profiles.delete(requester.caller, Conditions(if_match))
