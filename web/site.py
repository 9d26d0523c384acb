"""What the pages are made from: the one value that every route is given."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from config.settings import Settings
from emails.links import Links
from models.database import Database
from models.domain import Programme, RosterEntry, Tracking
from scheduler.enrolling import Registry
from scheduler.erasing import Erasing
from scheduler.webhooks.signing import HookSecrets

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The store, the config as it stands now, the links and the clock."""

    database: Database
    settings: Settings
    programmes: Callable[[], Mapping[str, Programme]]
    links: Links
    now: Callable[[], datetime]
    roster: Callable[[], Iterable[RosterEntry]] = tuple  # what HR's files say of everybody
    erasing: Erasing | None = None  # None: nobody can erase anything from here
    rehearse: Callable[[Programme, str], Mapping[str, bytes]] | None = None  # files of a role's rehearsal, by name
    registry: Registry | None = None  # None: nobody can be enrolled from here
    hook_secrets: HookSecrets | None = None  # None: no webhook can be made from here
    new_token: Callable[[], str] = secrets.token_urlsafe  # for marks, sessions and links that work once

    def write(self, work: Callable[[Session], Given]) -> Given:
        """What the function gives, once what it wrote is on disk: see models/writer.py."""
        return self.database.writer.run(work)

    @property
    def root(self) -> str:
        """The path below which the pages lie, for links on them; usually nothing."""
        return urlsplit(self.settings.public_url).path.rstrip("/")

    def tracking(self) -> dict[str, Tracking]:
        """What holds about tracking in each programme: the installation's word, else the programme's own."""
        return {
            programme.id: self.settings.open_tracking or programme.open_tracking
            for programme in self.programmes().values()
        }


async def _given_site(request: Request) -> Site:  # a plain function would be sent through a thread
    return cast(Site, request.app.state.site)


GivenSite = Annotated[Site, Depends(_given_site)]
