"""The admin pages in a real browser: nothing that axe finds at two widths, and nothing to scroll sideways."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
import uvicorn

from models.database import migrate, open_database
from models.tables import AttemptRow
from tests.browser import open_browser
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.admin import enter, invite, visit
from tests.integration.web.gallery import fill
from tests.integration.web.scene import SENT_AT, Scene, open_scene
from tests.integration.web.test_in_a_browser import AXE, Gallery, Show, run_axe
from web.serve import listen

WIDTHS = (375, 1280)

pytestmark = pytest.mark.browser


def hang_admin(scene: Scene) -> dict[str, httpx2.Response]:
    """The admin pages in each of their states."""
    fill(scene)
    kim = 0
    with scene.database.sessions.begin() as session:
        for number, organisation in enumerate(("Example Hospitals", "Moor Trust") * 30):
            leader = build_leader(
                key=f"p{number}",
                email=f"person.number.{number}@example.org",
                name=f"Person {number:02}",
                organisation=organisation,
            )
            kim = keep_enrolment(session, build_enrolment(leader=leader)).id
    doubt = scene.add_mail(
        enrolment_id=kim, recipient="person.number.59@example.org", ordinal=1, state="in_doubt", ended_at=SENT_AT
    )
    failed = scene.add_mail(state="failed", ordinal=None, ended_at=SENT_AT)
    with scene.database.sessions.begin() as session:
        session.add(AttemptRow(mail_id=doubt, at=SENT_AT, outcome="in_doubt", detail="timed out"))
        session.add(AttemptRow(mail_id=failed, at=SENT_AT, outcome="permanent", detail="550 5.1.1 no such mailbox"))
    scene.keep_state("config_problems", "leaders.yaml:3:1: no role “emperor”; write one of chair, director")
    link, stranger, ada = invite(scene, "new@example.org"), visit(scene), enter(scene)
    own = f"/admin/leaders/{scene.enrolment_id}"
    return {
        "sign in": stranger.get("/admin/sign-in"),
        "wrong": stranger.sign_in("ada@example.org", "wrong"),
        "password": stranger.get(link),
        "short password": stranger.press(link, password="short", again="short"),
        "overview": ada.get("/admin"),
        "leaders": ada.get("/admin/leaders"),
        "nobody found": ada.get("/admin/leaders?q=nobody"),
        "leader": ada.get(own),
        "leader just paused": ada.go_on(ada.press(own, f"{own}/pause", until="2027-03-01")),
        "leader misunderstood": ada.press(own, f"{own}/pause", until="2020-01-01"),
        "withdraw": ada.press(own, f"{own}/withdraw"),
        "leader of a viewer": enter(scene, "vic@example.org", role="viewer").get(own),
        "delivery": ada.get("/admin/delivery"),
        "resend": ada.press("/admin/delivery", f"/admin/delivery/{doubt}", verdict="resend"),
        "items": ada.get("/admin/items"),
        "programme": ada.get("/admin/programme"),
        "audit": ada.get("/admin/audit"),
        "forbidden": ada.post("/admin/sign-out"),
    }


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """All admin pages on a real server, and a browser before it."""
    folder = tmp_path_factory.mktemp("admin")
    database = open_database(f"sqlite:///{folder / 'first100.sqlite3'}")
    migrate(database)
    scene = open_scene(database)
    pages = hang_admin(scene)
    server = uvicorn.Server(uvicorn.Config(Gallery(scene.browser.app, pages), log_config=None, lifespan="off"))
    with listen("127.0.0.1", 0) as listener, ThreadPoolExecutor(max_workers=1) as serving:
        served = serving.submit(server.run, sockets=[listener])
        try:
            with open_browser(folder / "profile") as browser:
                yield Show(scene, browser, f"http://127.0.0.1:{listener.getsockname()[1]}", tuple(pages))
        finally:
            server.should_exit = True
            served.result()
            database.close()


@pytest.mark.npm
def test_axe_finds_nothing_on_any_admin_page_narrow_or_wide_by_day_or_by_night(show: Show) -> None:
    axe, faults = AXE.read_text(encoding="utf-8"), list[str]()
    for name in show.names:
        show.browser.dress("light")
        show.open_page(name)
        show.browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        show.browser.evaluate(axe)
        for width in WIDTHS:
            show.browser.resize(width=width)
            show.browser.dress("light")
            faults += [f"{name} at {width}: {fault}" for fault in run_axe(show.browser)]
            show.browser.dress("dark")
            faults += [f"{name} at {width}, dark: {fault}" for fault in run_axe(show.browser, only=["color-contrast"])]
    assert faults == [], "\n".join(faults)


def test_no_admin_page_has_to_be_scrolled_sideways_on_a_phone(show: Show) -> None:
    show.browser.resize(width=375)
    show.browser.dress("light")
    for name in show.names:
        show.open_page(name)
        assert show.browser.evaluate("document.documentElement.scrollWidth") == 375, name
