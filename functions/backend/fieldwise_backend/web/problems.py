"""Every error of the app as a problem document."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fieldwise_common import problems
from fieldwise_common.errors import FieldwiseError
from fieldwise_common.problems import MEDIA_TYPE, Problem


def _response(problem: Problem) -> JSONResponse:
    return JSONResponse(problem.body, problem.status, problem.headers, media_type=MEDIA_TYPE)


def from_error(error: FieldwiseError) -> JSONResponse:
    """The response to one of our errors."""
    return _response(problems.of_error(error))


def install(app: FastAPI) -> None:
    """Makes `app` respond to every error with a problem document."""

    @app.exception_handler(FieldwiseError)
    async def on_fieldwise_error(_: Request, error: FieldwiseError) -> JSONResponse:
        return from_error(error)

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
        return _response(problems.of_validation(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        return _response(problems.of_status(error.status_code, str(error.detail)))

    @app.exception_handler(Exception)
    async def on_bug(_: Request, error: Exception) -> JSONResponse:
        return _response(problems.of_bug(error))
