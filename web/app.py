"""The web application: its routes, what stands before them, and what is said when something goes wrong."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from models.failures import DatabaseError, refers_to_nothing
from models.writer import WriterBusyError
from web import answers, check_ins, front, health, leaving, my_data, my_days, preferences, tracking
from web.admin import (
    audit,
    config_problems,
    corrections,
    delivery,
    exports,
    items,
    leader,
    leaders,
    many,
    overview,
    rehearsing,
    reports,
    sign_in,
    starters,
    uploading,
)
from web.admin.desk import SignedOutError
from web.api.app import create_api, show_way
from web.api.problems import refuse_long_body
from web.guards import SecureHeaders, add_security
from web.looks import find_style_sheet
from web.pages import render
from web.problems import tell_problem
from web.site import Site

API = "/api/v1"
LONGEST_BODY = 16 * 1024  # bytes; the largest form of ours has a few hundred

ADMIN_ROOMS = (
    sign_in,
    overview,
    leaders,
    many,  # before `leader`, to whom any word in its place would be a number gone wrong
    leader,
    starters,
    uploading,
    corrections,
    config_problems,
    delivery,
    items,
    rehearsing,
    reports,
    exports,
    audit,
)

_log = logging.getLogger(__name__)


def create_app(site: Site) -> FastAPI:
    """The application that answers for this site. Raises LooksError where the pages' look is not installed."""
    find_style_sheet(site.settings)
    app = _Application(
        title="First100",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=LONGEST_BODY,
    )
    app.add_exception_handler(HTTPException, _say_status)
    app.add_exception_handler(RequestValidationError, _say_misunderstood)
    app.add_exception_handler(SignedOutError, sign_in.ask_to_sign_in)
    app.add_exception_handler(DatabaseError, _say_unreachable)
    app.add_exception_handler(WriterBusyError, _say_busy)
    app.add_exception_handler(IntegrityError, _say_gone)
    app.add_exception_handler(Exception, _say_fault)
    app.state.site = site
    app.add_middleware(SecureHeaders, https=site.settings.public_url.startswith("https:"))
    app.router.routes.extend(tracking.router.routes)  # an included router would be looked through at every request
    for room in (front, health, answers, check_ins, my_days, my_data, preferences, leaving):
        app.include_router(room.router)
    for room in ADMIN_ROOMS:
        app.include_router(room.router)
    if site.settings.openid_issuer:
        _add_openid(app, site)
    app.add_api_route(API, show_way, methods=["GET", "HEAD"])  # what is mounted answers with a slash alone
    app.mount(API, create_api(site))
    return app


def _add_openid(app: FastAPI, site: Site) -> None:
    from web.admin import openid  # it imports 12 MB of clients and ciphers that nothing else here needs
    from web.openid.provider import Provider

    app.state.openid = Provider(site.settings)
    app.include_router(openid.router)


class _Application(FastAPI):
    """FastAPI answers a body that says it is too long in plain text, whatever would have been answered. Here the API
    says it in its own form, before that."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{API}/"):
            length = Headers(scope=scope).get("content-length", "0")
            if length.isdecimal() and int(length) > LONGEST_BODY:
                answer = refuse_long_body()
                add_security(answer.headers)
                await answer(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def _say(request: Request, status: int) -> Response:
    site: Site = request.app.state.site
    said = tell_problem(status)
    return render(site, "problem.html", status=status, said=said, hr_contact=site.settings.hr_contact or "")


def _say_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    page = _say(request, status)
    if isinstance(error, HTTPException) and error.headers:
        page.headers.update(error.headers)
    return page


def _say_misunderstood(request: Request, _: Exception) -> Response:
    return _say(request, HTTPStatus.UNPROCESSABLE_ENTITY)


def _say_unreachable(request: Request, error: Exception) -> Response:
    _log.error("%s", error)
    page = _say(request, HTTPStatus.SERVICE_UNAVAILABLE)
    page.headers["Retry-After"] = "60"
    return page


def _say_busy(request: Request, _: Exception) -> Response:
    page = _say(request, HTTPStatus.SERVICE_UNAVAILABLE)
    page.headers["Retry-After"] = "5"
    return page


def _say_gone(request: Request, error: Exception) -> Response:
    """Somebody was erased between the reading and the writing."""
    if isinstance(error, IntegrityError) and refers_to_nothing(error):
        return _say(request, HTTPStatus.NOT_FOUND)
    raise error


def _say_fault(request: Request, _: Exception) -> Response:
    answer = _say(request, HTTPStatus.INTERNAL_SERVER_ERROR)
    add_security(answer.headers)  # a fault is answered outside the middleware that does so for every other page
    return answer
