"""Who may ask: the key that comes with each request, what it is good for, and how often it may come."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from models.api_keys import ApiKey, find_api_key
from models.api_keys import Scope as Deed
from models.scope import Scope, narrowed
from web.api.problems import ApiError
from web.site import GivenSite, Site

_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key made with `api-key add`.")


class RateLimit:
    """At most so many requests of one key in any minute, counted in this process."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._begun: dict[int, tuple[datetime, int]] = {}
        self._lock = Lock()

    def wait_seconds(self, key_id: int, *, now: datetime) -> int:
        """0 where one more may come now, else the seconds until then."""
        with self._lock:
            begun, count = self._begun.get(key_id, (now, 0))
            if not begun <= now < begun + timedelta(minutes=1):
                begun, count = now, 0
            self._begun[key_id] = (begun, count + 1)
            if count < self._per_minute:
                return 0
            return max(1, ceil((begun + timedelta(minutes=1) - now).total_seconds()))


def _check_key(
    request: Request,
    site: GivenSite,
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> ApiKey:
    with site.database.reading() as session:
        key = None if sent is None else find_api_key(session, sent.credentials)
    if key is None:
        detail = "send a key that is in force: `Authorization: Bearer f100_…`"
        raise ApiError(401, detail, headers={"WWW-Authenticate": 'Bearer realm="First100"'})
    limit = cast(RateLimit, request.app.state.rate_limit)
    wait = limit.wait_seconds(key.id, now=site.now())
    if wait:
        raise ApiError(429, f"too many requests; wait for {wait} s", headers={"Retry-After": str(wait)})
    return key


def good_for(scope: Deed) -> Callable[[ApiKey], ApiKey]:
    """What gives a route the key of its request, once it is known to be good for this."""

    def check(key: Annotated[ApiKey, Depends(_check_key)]) -> ApiKey:
        if scope not in key.scopes:
            raise ApiError(403, f"this key is not good for {scope}")
        return key

    return check


ReadKey = Annotated[ApiKey, Depends(good_for("enrolments:read"))]
WriteKey = Annotated[ApiKey, Depends(good_for("enrolments:write"))]
ProgressKey = Annotated[ApiKey, Depends(good_for("progress:read"))]
EventsKey = Annotated[ApiKey, Depends(good_for("events:read"))]
WebhooksKey = Annotated[ApiKey, Depends(good_for("webhooks:write"))]


# ---------------------------------------------------------------- whom a key sees


def scope_of(key: ApiKey) -> Scope:
    """The leaders whom the key sees."""
    return Scope(organisations=None if key.organisations is None else tuple(sorted(key.organisations)))


@contextmanager
def seen_by(key: ApiKey, site: Site) -> Generator[Session]:
    """A session to read with, in which there is nobody but whom the key sees: no query can forget it."""
    with site.database.reading() as session, narrowed(session, scope_of(key)):
        yield session
