"""What a route is given besides its body: the requester, and the logic it calls."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from fieldwise_backend.autofill.service import AutofillService
from fieldwise_backend.dependencies import Dependencies
from fieldwise_backend.profile.service import ProfileService
from fieldwise_backend.requester import Requester
from fieldwise_backend.routes.feedback_count import FeedbackCount
from fieldwise_common.web.authentication import caller_of

bearer = Security(HTTPBearer(auto_error=False, bearerFormat="JWT"))
"""Only describes the token in the OpenAPI document; the check itself stands before all routes."""


def _dependencies(request: Request) -> Dependencies:
    dependencies: Dependencies = request.app.state.dependencies
    return dependencies


async def _requester(request: Request) -> Requester:
    return Requester(caller_of(request), request.headers["authorization"])


async def _autofill(request: Request) -> AutofillService:
    return _dependencies(request).autofill


async def _feedback_count(request: Request) -> FeedbackCount:
    count: FeedbackCount = request.app.state.feedback_count
    return count


async def _profiles(request: Request) -> ProfileService:
    return _dependencies(request).profiles


RequesterOf = Annotated[Requester, Depends(_requester)]
Counted = Annotated[FeedbackCount, Depends(_feedback_count)]
Autofill = Annotated[AutofillService, Depends(_autofill)]
Profiles = Annotated[ProfileService, Depends(_profiles)]
