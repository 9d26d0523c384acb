"""Signing in to the admin pages by OpenID Connect: off to the provider, back again, and out there, too."""

import logging
from typing import Annotated, cast

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from models.accounts import Account, bind_account, find_bound, note_refused
from web.admin.desk import drop_cookie, name_cookie, set_cookie
from web.admin.letting_in import count_try, find_own_page, let_in
from web.openid.provider import Identity, Provider, ProviderError, RefusedError
from web.openid.trip import GOOD_FOR, LONGEST_WAY, Trip, begin_trip, find_trip
from web.pages import render
from web.problems import Said
from web.site import GivenSite, Site

_log = logging.getLogger(__name__)
_LONGEST = 4096  # characters of a code or a state

router = APIRouter(prefix="/admin/openid")

_AGAIN = "Go back to the sign-in page and begin again."
_STRAY = Said(
    "This sign-in was not begun here",
    "The answer belongs to no sign-in that this browser has under way. Perhaps it took longer than ten minutes, was "
    "begun a second time in another tab, or was used before.",
    (_AGAIN,),
)
_AWAY = Said(
    "Sign-in is out of reach",
    "The service that signs you in does not answer as it should. You are not signed in, and nothing was kept.",
    ("Wait for a minute, then begin again.", "If it stays so, tell whoever runs this service: the log says why."),
)
_REFUSED = Said(
    "You were not signed in",
    "The service that signs you in did not vouch for you, or its answer did not hold.",
    (_AGAIN, "If it stays so, tell whoever runs this service: the log says why."),
)
_NOBODY = Said(
    "No account here is yours",
    "You were signed in there, but nobody has made an account for you here, or your e-mail address is not verified "
    "there.",
    ("Ask whoever runs this service to make one for the e-mail address that you have there.",),
)
_NO_WAY_OUT = Said(
    "You are signed out here alone",
    "The service that signs you in has no page to sign out by.",
    ("Close all windows of this browser, if others use this computer.",),
)


async def _given_provider(request: Request) -> Provider:  # a plain function would be sent through a thread
    return cast(Provider, request.app.state.openid)


GivenProvider = Annotated[Provider, Depends(_given_provider)]


@router.get("")
async def leave(site: GivenSite, provider: GivenProvider, to: str = "") -> Response:
    """Off to the provider. What the browser holds meanwhile ties the answer to it."""
    trip = begin_trip(site.links, token=site.new_token(), to=find_own_page(to[:LONGEST_WAY]), now=site.now())
    try:
        address = await provider.address_of_sign_in(trip, now=site.now())
    except ProviderError as error:
        return _tell(site, _AWAY, 503, why=error)
    answer = RedirectResponse(address, status_code=303)
    set_cookie(site, answer, _name_trip_cookie(site), trip.cookie, keep_for=GOOD_FOR)
    return answer


@router.get("/callback")
async def come_back(
    request: Request,
    site: GivenSite,
    provider: GivenProvider,
    code: str = "",
    state: str = "",
    iss: str | None = None,
    error: str | None = None,
) -> Response:
    """Back from the provider. What the browser held on the way is worth nothing afterwards."""
    cookie = request.cookies.get(_name_trip_cookie(site), "")
    trip = find_trip(site.links, cookie=cookie[:_LONGEST], state=state[:_LONGEST], now=site.now())
    if trip is None:
        return _tell(site, _STRAY, 400)
    answer = await _receive(request, site, provider, trip, code=code[:_LONGEST], issuer=iss, error=error)
    drop_cookie(site, answer, _name_trip_cookie(site))
    return answer


async def _receive(
    request: Request, site: Site, provider: Provider, trip: Trip, *, code: str, issuer: str | None, error: str | None
) -> Response:
    tries = await run_in_threadpool(count_try, request, site)
    if tries is None:
        raise HTTPException(429)
    try:
        await provider.check_origin(issuer, now=site.now())
        if error is not None or not code:
            raise RefusedError("the provider brings an error instead of a code")
        identity = await provider.identify(code, trip, now=site.now())
    except ProviderError as failure:
        return _tell(site, _AWAY, 503, why=failure)
    except RefusedError as refusal:
        return _tell(site, _REFUSED, 400, why=refusal)
    return await run_in_threadpool(_let_in, request, site, identity, tries, trip.to)


def _let_in(request: Request, site: Site, identity: Identity, tries: tuple[int, ...], to: str) -> Response:
    def find(session: Session) -> Account | None:
        named = {"issuer": identity.issuer, "subject": identity.subject}
        account = find_bound(session, **named)
        if account is None and identity.email is not None:
            account = bind_account(session, identity.email, **named, now=site.now())
            if account is None:
                why = "it is not of OpenID Connect, or somebody else is bound to it"
                note_refused(session, identity.email, now=site.now(), why=why)
        return account

    account = site.write(find)
    answer = account and let_in(request, site, account, tries=tries, to=to, how="openid")
    if answer is None:
        verified = "a verified address, but" if identity.email else "no verified address, and"
        return _tell(site, _NOBODY, 403, why=f"somebody with {verified} no account came from {identity.issuer}")
    return answer


@router.get("/sign-out")
async def leave_for_good(site: GivenSite, provider: GivenProvider) -> Response:
    """Off to sign out at the provider, too; who has signed out here already is sent there."""
    try:
        address = await provider.address_of_sign_out(now=site.now())
    except ProviderError as error:
        return _tell(site, _AWAY, 503, why=error)
    return _tell(site, _NO_WAY_OUT, 404) if address is None else RedirectResponse(address, status_code=303)


def _tell(site: Site, said: Said, status: int, *, why: object = "") -> Response:
    if why:
        _log.warning("sign-in by OpenID Connect: %s", why)
    return render(site, "admin/openid.html", status=status, said=said)


def _name_trip_cookie(site: Site) -> str:
    return f"{name_cookie(site)}-openid"
