"""An installation with keys, and a client for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from config.settings import Settings
from emails.links import Links
from models.api_keys import SCOPES, Scope, add_api_key
from models.database import Database
from models.domain import RosterEntry
from models.pseudonyms import Pseudonyms
from models.roster import Change, sync_roster
from scheduler.erasing import Erasing
from scheduler.webhooks.signing import HookSecrets
from tests.builders import at, build_programme
from web.app import create_app
from web.site import Site

HERE, ELSEWHERE = "Example Hospitals", "Elsewhere Trust"
ROW = {
    "name": "Sam Sample",
    "email": "sam.sample@example.org",
    "role": "director",
    "organisation": HERE,
    "start_date": "2027-01-11",
}
_numbers = count(1)


@dataclass
class Office:
    """The API's client; the clock goes only where a test puts it."""

    database: Database
    site: Site
    client: TestClient
    now: datetime

    def key(self, *scopes: Scope, organisations: Sequence[str] = ()) -> dict[str, str]:
        """The headers of a request with a new key; without scopes it is good for everything."""
        number = next(_numbers)
        with self.database.sessions.begin() as session:
            sent = add_api_key(
                session,
                f"key {number}",
                scopes=scopes or SCOPES,
                organisations=organisations,
                secret=number.to_bytes(8) + number.to_bytes(32),
                now=self.now,
            )
        return {"authorization": f"Bearer {sent}"}

    def get(self, path: str, key: Mapping[str, str]) -> httpx2.Response:
        return self.client.get(f"/api/v1{path}", headers=dict(key))

    def send(self, method: str, path: str, key: Mapping[str, str], document: Any = None) -> httpx2.Response:
        return self.client.request(method, f"/api/v1{path}", headers=dict(key), json=document)

    def enrol(self, key: Mapping[str, str], **row: object) -> dict[str, Any]:
        answer = self.send("POST", "/enrolments", key, {**ROW, **row})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def sync(self, *entries: RosterEntry) -> tuple[Change, ...]:
        """As a tick does with leaders.yaml."""
        with self.database.sessions.begin() as session:
            return sync_roster(session, entries, source="leaders.yaml", now=self.now)

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def open_office(database: Database, data: Path, **settings: Any) -> Office:
    """Nobody is enrolled yet."""
    programmes = {"first-100-days": build_programme()}
    chosen = Settings(public_url="https://nudges.example.org", **settings)
    site = Site(
        database=database,
        settings=chosen,
        programmes=lambda: programmes,
        links=Links(chosen.public_url, (b"a secret for tests, and no other",)),
        now=lambda: office.now,
        hook_secrets=HookSecrets([b"a secret for tests, and no other"]),
        erasing=Erasing(database=database, pseudonyms=Pseudonyms((b"a key",)), data=data),
    )
    client = TestClient(create_app(site), base_url=chosen.public_url, raise_server_exceptions=True)
    office = Office(database=database, site=site, client=client, now=at("2026-12-07 09:00"))
    return office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)
