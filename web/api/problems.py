"""What the API says where it cannot do what was asked: problem+json, RFC 9457."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from config.reading.documents import FieldProblem
from models.failures import DatabaseError, refers_to_nothing
from models.writer import WriterBusyError

_TOO_LONG = "the body is longer than any enrolment"
PROBLEM_JSON = "application/problem+json"
_log = logging.getLogger(__name__)


class FieldNote(BaseModel):
    """What there is to say about one field."""

    field: str = Field(description="The field, like `skip/0`; empty for the document as a whole.")
    message: str


class Problem(BaseModel):
    """Why a request was not fulfilled; nothing was changed."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldNote] | None = Field(default=None, description="What is wrong, field by field.")
    enrolment: int | None = Field(default=None, description="The enrolment that there is already.")


class ApiError(Exception):
    """The request cannot be fulfilled; what is said is for whoever connects a system."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldNote] = (),
        enrolment: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.enrolment = enrolment
        self.headers = dict(headers or {})


def refuse_long_body() -> Response:
    """What is said of a body that is longer than any enrolment, before any route is found."""
    return _answer(ApiError(413, _TOO_LONG))


UNKNOWN = ApiError(404, "there is no such enrolment")  # nor one that the key may see: the same words


def note_fields(problems: Iterable[FieldProblem]) -> list[FieldNote]:
    """The problems of a document as they are told."""
    return [FieldNote(field="/".join(map(str, one.path)), message=one.message) for one in problems]


def add_problems(api: FastAPI) -> None:
    """Let the application say everything that goes wrong in this form."""
    api.add_exception_handler(ApiError, _say_problem)
    api.add_exception_handler(HTTPException, _say_status)
    api.add_exception_handler(RequestValidationError, _say_misunderstood)
    api.add_exception_handler(DatabaseError, _say_unreachable)
    api.add_exception_handler(WriterBusyError, _say_busy)
    api.add_exception_handler(IntegrityError, _say_gone)
    api.add_exception_handler(Exception, _say_fault)


def _answer(problem: ApiError) -> Response:
    said = Problem(
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        errors=problem.errors or None,
        enrolment=problem.enrolment,
    )
    content = said.model_dump(exclude_none=True)
    return JSONResponse(content, status_code=problem.status, headers=problem.headers, media_type=PROBLEM_JSON)


def _say_problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return _answer(error)


def _say_status(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    details = {
        413: _TOO_LONG,
        404: "there is nothing at this address; /api/v1/openapi.json says what there is",
        405: "this address does not take that method; /api/v1/openapi.json says which it does",
    }
    detail = details.get(error.status_code, str(error.detail))
    return _answer(ApiError(error.status_code, detail, headers=error.headers))


def _say_misunderstood(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found: Sequence[Mapping[str, Any]] = error.errors()
    notes = [FieldNote(field="/".join(map(str, one["loc"][1:])), message=str(one["msg"])) for one in found]
    return _answer(ApiError(422, "the request is not as /api/v1/openapi.json describes it", errors=notes))


def _say_unreachable(_: Request, error: Exception) -> Response:
    _log.error("%s", error)
    return _answer(ApiError(503, "the database cannot be reached just now", headers={"Retry-After": "60"}))


def _say_busy(_: Request, __: Exception) -> Response:
    return _answer(ApiError(503, "too much waits to be written just now", headers={"Retry-After": "5"}))


def _say_gone(_: Request, error: Exception) -> Response:
    """Somebody was erased between the reading and the writing."""
    if isinstance(error, IntegrityError) and refers_to_nothing(error):
        return _answer(UNKNOWN)
    raise error


def _say_fault(_: Request, __: Exception) -> Response:
    return _answer(ApiError(500, "the fault is ours, and it is on record"))
