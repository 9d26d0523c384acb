"""Letting somebody in, however they signed in: a new session, and on to the page that they came for."""

import re
from collections.abc import Sequence

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from models.accounts import ABSOLUTE_END, Account, begin_session, end_session, forgive, take_try
from web.admin.desk import name_cookie, set_cookie
from web.site import Site

FAIL_PER_ADDRESS = 40  # in a quarter of an hour
_OWN_PAGE = re.compile(r"/admin(/[A-Za-z0-9_.-]+)*")  # where to go after signing in; nowhere else


def find_own_page(to: str) -> str:
    """The page to go to after signing in: one of ours, or nothing."""
    return to if _OWN_PAGE.fullmatch(to) else ""


def count_try(request: Request, site: Site, *, more: dict[str, int] | None = None) -> tuple[int, ...] | None:
    """A try from this address counted, and against whatever else it is; None where there were too many."""
    address = site.links.fingerprint(f"sign-in address\n{request.client.host if request.client else ''}")
    limits = {**(more or {}), address: FAIL_PER_ADDRESS}
    return site.write(lambda session: take_try(session, limits, now=site.now()))


def let_in(
    request: Request, site: Site, account: Account, *, tries: Sequence[int], to: str, how: str
) -> Response | None:
    """Begin a new session, always: what the browser held before is worth nothing afterwards.

    None where the account has just gone.
    """
    old, new = request.cookies.get(name_cookie(site), ""), site.new_token()

    def begin(session: Session) -> bool:
        forgive(session, tries)
        if old:
            end_session(session, old, now=site.now())
        return begin_session(session, account, new, now=site.now(), how=how)

    if not site.write(begin):
        return None
    answer = RedirectResponse(f"{site.root}{find_own_page(to) or '/admin'}", status_code=303)
    set_cookie(site, answer, name_cookie(site), new, keep_for=ABSOLUTE_END)
    return answer
