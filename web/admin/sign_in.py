"""Signing in and out of the admin pages, and setting a password by a link that works once."""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from models.accounts import (
    ABSOLUTE_END,
    begin_session,
    end_session,
    find_by_link,
    find_password,
    forgive,
    note_refused,
    set_password,
    take_try,
)
from web.admin.desk import SignedOutError, check_mark, make_mark, name_cookie
from web.admin.passwords import SHORTEST, PasswordError, check_password, hash_password, verify_password
from web.pages import render
from web.site import GivenSite, Site

FAIL_PER_ACCOUNT, FAIL_PER_ADDRESS = 8, 40  # in a quarter of an hour
_LONGEST_EMAIL = 320
_OWN_PAGE = re.compile(r"/admin(/[A-Za-z0-9_.-]+)*")  # where to go after signing in; nowhere else
_WRONG = "The address or the password is not right."

router = APIRouter(prefix="/admin")


# ---------------------------------------------------------------- signing in


@router.api_route("/sign-in", methods=["GET", "HEAD"])
def show_sign_in(site: GivenSite, to: str = "") -> Response:
    """The form. It carries a mark that belongs to a cookie, so that nobody can sign others in as somebody else."""
    return _form(site, to=to)


@router.post("/sign-in")
def sign_in(
    request: Request,
    site: GivenSite,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    mark: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Begin a new session, always: what the browser held before is worth nothing afterwards."""
    check_mark(site, request.cookies.get(_name_form_cookie(site), ""), mark)
    email = email.strip().lower()[:_LONGEST_EMAIL]
    limits = {
        site.links.fingerprint(f"sign-in account\n{email}"): FAIL_PER_ACCOUNT,
        site.links.fingerprint(f"sign-in address\n{request.client.host if request.client else ''}"): FAIL_PER_ADDRESS,
    }
    tries = site.write(lambda session: take_try(session, limits, now=site.now()))
    if tries is None:
        raise HTTPException(429)
    with site.database.reading() as session:
        found = find_password(session, email)
    right = verify_password(found[1] if found else None, password)
    if found is None or not right:
        site.write(lambda session: note_refused(session, email, now=site.now()))
        return _form(site, to=to, email=email, problem=_WRONG)
    old, new = request.cookies.get(name_cookie(site), ""), site.new_token()

    def begin(session: Session) -> bool:
        forgive(session, tries)
        if old:
            end_session(session, old, now=site.now())
        return begin_session(session, found[0], new, now=site.now(), how="password")

    if not site.write(begin):
        return _form(site, to=to, email=email, problem=_WRONG)
    answer = RedirectResponse(f"{site.root}{(_OWN_PAGE.fullmatch(to) and to) or '/admin'}", status_code=303)
    _set_cookie(site, answer, name_cookie(site), new)
    answer.delete_cookie(_name_form_cookie(site), path="/", secure=_is_secure(site), httponly=True, samesite="lax")
    return answer


@router.post("/sign-out")
def sign_out(request: Request, site: GivenSite, mark: Annotated[str, Form()] = "") -> Response:
    """End the session, here and for whoever else holds its cookie."""
    token = request.cookies.get(name_cookie(site), "")
    check_mark(site, token, mark)
    site.write(lambda session: end_session(session, token, now=site.now()))
    answer = RedirectResponse(f"{site.root}/admin/sign-in", status_code=303)
    answer.delete_cookie(name_cookie(site), path="/", secure=_is_secure(site), httponly=True, samesite="lax")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


async def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """The answer where nobody is signed in: the same for what is there and for what is not."""
    site: Site = request.app.state.site
    path = error.path if isinstance(error, SignedOutError) else ""
    to = f"?to={quote(path)}" if _OWN_PAGE.fullmatch(path) and path != "/admin" else ""
    return RedirectResponse(f"{site.root}/admin/sign-in{to}", status_code=303)


def _form(site: Site, *, to: str, email: str = "", problem: str = "") -> Response:
    token = site.new_token()
    page = render(
        site,
        "admin/sign_in.html",
        status=400 if problem else 200,
        problem=problem,
        email=email,
        to=to if _OWN_PAGE.fullmatch(to) else "",
        mark=make_mark(site, token),
    )
    _set_cookie(site, page, _name_form_cookie(site), token)
    return page


# ---------------------------------------------------------------- passwords


@router.api_route("/password/{link}", methods=["GET", "HEAD"])
def show_password(site: GivenSite, link: str) -> Response:
    """The form that sets a password; looking at it does not use the link up."""
    return _password_form(site, link)


@router.post("/password/{link}")
def keep_password(
    site: GivenSite,
    link: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
    mark: Annotated[str, Form()] = "",
) -> Response:
    """Set the password and use the link up."""
    check_mark(site, link, mark)
    with site.database.reading() as session:
        account = find_by_link(session, link, now=site.now())
    if account is None:
        raise HTTPException(404)
    if password != again:
        return _password_form(site, link, problem="The two are not the same.")
    try:
        chosen = check_password(password, email=account.email, brand=site.settings.brand_name)
    except PasswordError as error:
        text = str(error)
        return _password_form(site, link, problem=f"{text[:1].upper()}{text[1:]}.")
    kept = hash_password(chosen)
    if not site.write(lambda session: set_password(session, link, kept, now=site.now())):
        raise HTTPException(404)
    return RedirectResponse(f"{site.root}/admin/sign-in", status_code=303)


def _password_form(site: Site, link: str, *, problem: str = "") -> Response:
    with site.database.reading() as session:
        account = find_by_link(session, link, now=site.now())
    if account is None:
        raise HTTPException(404)
    return render(
        site,
        "admin/password.html",
        status=400 if problem else 200,
        problem=problem,
        email=account.email,
        shortest=SHORTEST,
        mark=make_mark(site, link),
    )


# ---------------------------------------------------------------- cookies


def _name_form_cookie(site: Site) -> str:
    return f"{name_cookie(site)}-form"


def _is_secure(site: Site) -> bool:
    return site.settings.public_url.startswith("https:")


def _set_cookie(site: Site, answer: Response, name: str, value: str) -> None:
    """Kept from scripts, from other sites' forms and, over https, from plain http."""
    seconds = int(ABSOLUTE_END.total_seconds())
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=_is_secure(site), httponly=True, samesite="lax")
