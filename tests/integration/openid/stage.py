"""A site, a provider and people between the two."""

from dataclasses import dataclass, replace
from typing import Any

import httpx2
from fastapi.testclient import TestClient
from sqlalchemy import select

from models.accounts import AccountRole, put_account
from models.database import Database
from models.tables import AuditRow
from tests.integration.openid.double import CLIENT, SECRET, Double
from tests.integration.web.admin import Visitor, visit
from tests.integration.web.scene import Scene, open_scene
from web.app import create_app

ADA = "ada@example.org"
COOKIE = "__Host-first100"
CALLBACK = "/admin/openid/callback"


@dataclass
class Stage:
    scene: Scene
    double: Double

    def prepare(self, email: str = ADA, *, role: AccountRole = "admin") -> None:
        prepare(self.scene, email, role=role)

    def leave(self, visitor: Visitor, **query: str) -> dict[str, str]:
        """Off to the provider, and through it; what the browser brings back."""
        away = visitor.browser.get("/admin/openid", params=query, follow_redirects=False)
        assert away.status_code == 303, away.text
        return self.double.let_through(away.headers["location"])

    def come_back(self, visitor: Visitor, brought: dict[str, str]) -> httpx2.Response:
        return visitor.browser.get(CALLBACK, params=brought, follow_redirects=False)

    def sign_in(self, visitor: Visitor | None = None, **query: str) -> httpx2.Response:
        visitor = visitor or visit(self.scene)
        return self.come_back(visitor, self.leave(visitor, **query))


def change_settings(stage: Stage, **settings: object) -> Stage:
    """The same installation, started again with other settings."""
    old = stage.scene
    site = replace(old.site, settings=old.site.settings.model_copy(update=settings))
    browser = TestClient(create_app(site), base_url=site.settings.public_url)
    return Stage(Scene(old.database, site, browser, old.programmes, old.now), stage.double)


def open_openid_scene(database: Database, issuer: str, **settings: Any) -> Scene:
    """A scene whose site trusts this issuer."""
    return open_scene(database, **trust(issuer), **settings)


def trust(issuer: str) -> dict[str, Any]:
    """Settings that trust this issuer."""
    return {
        "openid_client_id": CLIENT,
        "openid_client_secret": SECRET,
        "openid_issuer": issuer,
        "openid_name": "Example ID",
    }


def prepare(scene: Scene, email: str = ADA, *, role: AccountRole = "admin") -> None:
    """An account that waits for its first sign-in."""
    with scene.database.sessions.begin() as session:
        put_account(session, email, role=role, organisations=(), link=None, now=scene.now)


def read_audit(scene: Scene) -> list[tuple[str, str | None]]:
    """What is on record about accounts."""
    lines = select(AuditRow.action, AuditRow.account).where(AuditRow.actor == "admin").order_by(AuditRow.id)
    with scene.database.reading() as session:
        return [(action, account) for action, account in session.execute(lines)]
