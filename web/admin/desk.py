"""The desk that every admin page works at: who is signed in, and the only way from there to what is kept.

What is read and written at a desk is narrowed to the account's organisations (models/scope.py), so no page can forget
it. A page asks for a desk by its type: `LookingDesk` for anybody signed in, `PressingDesk` for a press by anybody,
`KeepingDesk` for one by hr or admin, `AdminDesk` for admins. A press brings the mark of its page, or it is refused.
"""

import hmac
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from config.settings import Settings
from models.accounts import Account, AccountRole, note_seen, read_session
from models.domain import Enrolment, Programme
from models.scope import Scope, narrowed
from models.standing_problems import CONFIG_PROBLEMS
from models.store import get_state, read_enrolments
from reports.charts import draw
from reports.kept import bring_up_to_date
from reports.report import ReportContext
from web.pages import render
from web.site import GivenSite, Site

Given = TypeVar("Given")
_FRESHENED = 100  # rows worked out at one look
_RANKS: Mapping[AccountRole, int] = {"viewer": 0, "hr": 1, "admin": 2}
_PAGES: tuple[tuple[str, str, AccountRole], ...] = (
    ("/admin", "Overview", "viewer"),
    ("/admin/leaders", "Leaders", "viewer"),
    ("/admin/starters/new", "Add a starter", "hr"),
    ("/admin/corrections", "Corrections", "hr"),
    ("/admin/delivery", "Delivery", "viewer"),
    ("/admin/items", "Items", "viewer"),
    ("/admin/reports", "Reports", "viewer"),
    ("/admin/programme", "Programme", "viewer"),
    ("/admin/audit", "Audit", "admin"),
)


class SignedOutError(Exception):
    """Nobody is signed in; `path`: where they wanted to go."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an admin page has to work with."""

    account: Account
    mark: str  # of the pages of this session; a press brings it back
    path: str  # of the page that is asked for
    _site: Site = field(repr=False)

    @property
    def settings(self) -> Settings:
        return self._site.settings

    @property
    def programmes(self) -> Mapping[str, Programme]:
        return self._site.programmes()

    @property
    def rehearse(self) -> Callable[[Programme, str], Mapping[str, bytes]] | None:
        return self._site.rehearse

    @property
    def now(self) -> datetime:
        return self._site.now()

    @property
    def sees_everybody(self) -> bool:
        """Whether the account is of no organisation in particular: facts of the installation are for it, too."""
        return not self.account.organisations

    def may(self, role: AccountRole) -> bool:
        """Whether the account may do what this role may."""
        return _RANKS[self.account.role] >= _RANKS[role]

    @contextmanager
    def reading(self, *, leader_id: int | None = None) -> Generator[Session]:
        """A session that sees the account's leaders alone; with a number, that one of them."""
        with self._site.database.reading() as session, narrowed(session, self._scope(leader_id)) as seen:
            yield seen

    def write(self, work: Callable[[Session], Given]) -> Given:
        """What the function gives once what it wrote is on disk; it sees the account's leaders alone."""

        def work_narrowed(session: Session) -> Given:
            with narrowed(session, self._scope()):
                return work(session)

        return self._site.write(work_narrowed)

    def _scope(self, leader_id: int | None = None) -> Scope:
        return Scope(organisations=self.account.organisations or None, leader_id=leader_id)

    def find_enrolments(self, session: Session, ids: Sequence[int] | None = None) -> tuple[Enrolment, ...]:
        """These enrolments, or all, as far as the account may see them."""
        return read_enrolments(session, tracking=self._site.tracking(), ids=ids)

    def find_enrolment(self, session: Session, enrolment_id: int) -> Enrolment:
        """One enrolment; a page that is not there for one that is not there, and for one of somebody else's."""
        found = self.find_enrolments(session, (enrolment_id,)) if enrolment_id < 2**31 else ()
        if not found:
            raise HTTPException(404)
        return found[0]

    def freshen(self) -> None:
        """Bring kept rows about leaders up to date before they are searched or counted: a few, ticks do the rest."""
        context = ReportContext(
            programmes=self.programmes,
            tracking=self._site.tracking(),
            small_group=self.settings.small_group,
            now=self.now,
        )
        bring_up_to_date(self._site.database, context, most=_FRESHENED, write=self._site.write)

    def report_context(self, session: Session) -> ReportContext:
        """What reports need; problems of the installation only for who sees everybody."""
        return ReportContext(
            programmes=self.programmes,
            tracking=self._site.tracking(),
            small_group=self.settings.small_group,
            now=self.now,
            problems=tuple((get_state(session, CONFIG_PROBLEMS) or "").splitlines()) if self.sees_everybody else (),
            answers_visible=self.settings.answers_visible_to_admins,
        )

    def name_roles(self) -> dict[str, str]:
        """The name of every role, by its id."""
        return {role.id: role.name for programme in self.programmes.values() for role in programme.roles.values()}

    def render(self, template: str, *, status: int = 200, **context: object) -> Response:
        """An admin page."""
        pages = [
            {"href": f"{self._site.root}{path}", "text": text, "current": self._is_at(path)}
            for path, text, role in _PAGES
            if self.may(role)
        ]
        registry = self._site.registry
        if registry is not None and self.sees_everybody:
            path, wrong = "/admin/config", len(registry.current().problems)
            text = f"Config ({wrong} wrong)" if wrong else "Config"
            pages.append({"href": f"{self._site.root}{path}", "text": text, "current": self._is_at(path)})
        given: dict[str, Any] = {"desk": self, "pages": pages, "mark": self.mark, "draw_chart": draw, **context}
        return render(self._site, f"admin/{template}", status=status, **given)

    def send_to(self, path: str) -> Response:
        """Off to another page, after a press."""
        return RedirectResponse(f"{self._site.root}{path}", status_code=303)

    def _is_at(self, path: str) -> bool:
        return self.path == path or (path != "/admin" and self.path.startswith(f"{path}/"))


# ---------------------------------------------------------------- who comes


def name_cookie(site: Site) -> str:
    """Over https the browser itself holds the cookie to this host."""
    return "__Host-first100" if _is_secure(site) else "first100"


def set_cookie(site: Site, answer: Response, name: str, value: str, *, keep_for: timedelta) -> None:
    """Kept from scripts, from other sites' forms and, over https, from plain http."""
    seconds = int(keep_for.total_seconds())
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=_is_secure(site), httponly=True, samesite="lax")


def drop_cookie(site: Site, answer: Response, name: str) -> None:
    """Take a cookie back."""
    answer.delete_cookie(name, path="/", secure=_is_secure(site), httponly=True, samesite="lax")


def _is_secure(site: Site) -> bool:
    return site.settings.public_url.startswith("https:")


def make_mark(site: Site, token: str) -> str:
    """What a page of somebody's session carries and a press brings back: nobody can tell it without the token."""
    return site.links.fingerprint(f"admin page\n{token}")


def check_mark(site: Site, token: str, mark: str) -> None:
    """Refuse a press that does not come from a page of ours."""
    if not token or not hmac.compare_digest(make_mark(site, token).encode(), mark.encode()):
        raise HTTPException(403)


def _find_desk(request: Request, site: GivenSite) -> Desk:
    token = request.cookies.get(name_cookie(site), "")
    with site.database.reading() as session:
        found = read_session(session, token, now=site.now()) if token else None
    if found is None:
        raise SignedOutError(request.url.path)
    account, is_due = found
    if account.sign_in == "password" and not site.settings.local_sign_in:
        raise SignedOutError(request.url.path)
    if is_due:
        site.write(lambda session: note_seen(session, token, now=site.now()))
    return Desk(account=account, mark=make_mark(site, token), path=request.url.path, _site=site)


LookingDesk = Annotated[Desk, Depends(_find_desk)]


def _find_admins(desk: LookingDesk) -> Desk:
    if not desk.may("admin"):
        raise HTTPException(403)
    return desk


def _find_pressing(desk: LookingDesk, site: GivenSite, request: Request, mark: Annotated[str, Form()] = "") -> Desk:
    check_mark(site, request.cookies.get(name_cookie(site), ""), mark)
    return desk


PressingDesk = Annotated[Desk, Depends(_find_pressing)]


def _find_keepers(desk: PressingDesk) -> Desk:
    if not desk.may("hr"):
        raise HTTPException(403)
    return desk


AdminDesk = Annotated[Desk, Depends(_find_admins)]
KeepingDesk = Annotated[Desk, Depends(_find_keepers)]
