"""Signing in and out of the admin pages, and setting a password by a link that works once."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.accounts import (
    ABSOLUTE_END,
    end_session,
    find_by_link,
    find_password,
    note_refused,
    read_session,
    set_password,
)
from web.admin.desk import SignedOutError, check_mark, drop_cookie, make_mark, name_cookie, set_cookie
from web.admin.letting_in import count_try, find_own_page, let_in
from web.admin.passwords import SHORTEST, PasswordError, check_password, hash_password, verify_password
from web.pages import render
from web.site import GivenSite, Site

FAIL_PER_ACCOUNT = 8  # in a quarter of an hour
_LONGEST_EMAIL = 320
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
    """Sign in with a password of ours."""
    _need_passwords(site)
    check_mark(site, request.cookies.get(_name_form_cookie(site), ""), mark)
    email = email.strip().lower()[:_LONGEST_EMAIL]
    account_limit = {site.links.fingerprint(f"sign-in account\n{email}"): FAIL_PER_ACCOUNT}
    tries = count_try(request, site, more=account_limit)
    if tries is None:
        raise HTTPException(429)
    with site.database.reading() as session:
        found = find_password(session, email)
    right = verify_password(found[1] if found else None, password)
    if found is None or not right:
        site.write(lambda session: note_refused(session, email, now=site.now()))
        return _form(site, to=to, email=email, problem=_WRONG)
    answer = let_in(request, site, found[0], tries=tries, to=to, how="password")
    if answer is None:
        return _form(site, to=to, email=email, problem=_WRONG)
    drop_cookie(site, answer, _name_form_cookie(site))
    return answer


@router.post("/sign-out")
def sign_out(request: Request, site: GivenSite, mark: Annotated[str, Form()] = "") -> Response:
    """End the session, here and for whoever else holds its cookie. The provider's, if any, is another page's affair."""
    token = request.cookies.get(name_cookie(site), "")
    check_mark(site, token, mark)
    with site.database.reading() as session:
        found = read_session(session, token, now=site.now())
    site.write(lambda session: end_session(session, token, now=site.now()))
    by_openid = site.settings.openid_issuer and found and found[0].sign_in == "openid"
    answer = RedirectResponse(f"{site.root}/admin/{'signed-out' if by_openid else 'sign-in'}", status_code=303)
    drop_cookie(site, answer, name_cookie(site))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.api_route("/signed-out", methods=["GET", "HEAD"])
def show_signed_out(site: GivenSite) -> Response:
    """What to do about the provider, where one still has a session, too."""
    if site.settings.openid_issuer is None:
        return RedirectResponse(f"{site.root}/admin/sign-in", status_code=303)
    return render(site, "admin/signed_out.html", openid_name=site.settings.openid_name)


async def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """The answer where nobody is signed in: the same for what is there and for what is not."""
    site: Site = request.app.state.site
    path = error.path if isinstance(error, SignedOutError) else ""
    to = f"?to={quote(path)}" if find_own_page(path) and path != "/admin" else ""
    return RedirectResponse(f"{site.root}/admin/sign-in{to}", status_code=303)


def _form(site: Site, *, to: str, email: str = "", problem: str = "") -> Response:
    token = site.new_token()
    page = render(
        site,
        "admin/sign_in.html",
        status=400 if problem else 200,
        problem=problem,
        email=email,
        to=find_own_page(to),
        openid_name=site.settings.openid_name if site.settings.openid_issuer else "",
        local=site.settings.local_sign_in,
        mark=make_mark(site, token),
    )
    set_cookie(site, page, _name_form_cookie(site), token, keep_for=ABSOLUTE_END)
    return page


def _need_passwords(site: Site) -> None:
    """Nothing about passwords is there where the settings let nobody sign in with one."""
    if not site.settings.local_sign_in:
        raise HTTPException(404)


# ---------------------------------------------------------------- passwords


@router.api_route("/password/{link}", methods=["GET", "HEAD"])
def show_password(site: GivenSite, link: str) -> Response:
    """The form that sets a password; looking at it does not use the link up."""
    _need_passwords(site)
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
    _need_passwords(site)
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
