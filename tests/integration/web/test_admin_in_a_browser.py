"""The admin pages in a real browser: nothing that axe finds at two widths, and nothing to scroll sideways."""

from collections.abc import Iterator

import httpx2
import pytest

from models.tables import AttemptRow
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.admin import Visitor, enter, invite, visit
from tests.integration.web.gallery import fill
from tests.integration.web.scene import SENT_AT, Scene
from tests.integration.web.show import Show, open_show

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
    vic = enter(scene, "vic@example.org", role="viewer")
    listed, own = "/admin/leaders", f"/admin/leaders/{scene.enrolment_id}"
    return {
        "sign in": stranger.get("/admin/sign-in"),
        "wrong": stranger.sign_in("ada@example.org", "wrong"),
        "password": stranger.get(link),
        "short password": stranger.press(link, password="short", again="short"),
        "overview": ada.get("/admin"),
        "leaders": ada.get("/admin/leaders"),
        "leaders of a viewer": vic.get("/admin/leaders"),
        "many to pause": ada.press(
            "/admin/leaders", "/admin/leaders/many", action="pause", whom="found", until="2027-03-01"
        ),
        "many to go on": ada.press(listed, f"{listed}/many", action="resume", whom="found"),
        "many to withdraw": ada.press(listed, f"{listed}/many", action="withdraw", chosen=[kim]),
        "nobody ticked": ada.press(listed, f"{listed}/many", action="pause"),
        "many paused": ada.get("/admin/leaders/many?action=pause&changes=12&already=3&left=1&completed=2"),
        "nobody found": ada.get("/admin/leaders?q=nobody"),
        "leader": ada.get(own),
        "leader just paused": ada.go_on(ada.press(own, f"{own}/pause", until="2027-03-01")),
        "leader misunderstood": ada.press(own, f"{own}/pause", until="2020-01-01"),
        "withdraw": ada.press(own, f"{own}/withdraw"),
        "leader withdrawn": withdraw(ada, kim),
        "leader of a viewer": vic.get(own),
        "delivery": ada.get("/admin/delivery"),
        "resend": ada.press("/admin/delivery", f"/admin/delivery/{doubt}", verdict="resend"),
        "items": ada.get("/admin/items"),
        "reports": ada.get("/admin/reports"),
        "cohorts": ada.get("/admin/reports/cohorts"),
        "learning": ada.get("/admin/reports/learning"),
        "board": ada.get("/admin/reports/board"),
        "board of a month to come": ada.get("/admin/reports/board?month=2099-01"),
        "programme": ada.get("/admin/programme"),
        "audit": ada.get("/admin/audit"),
        "forbidden": ada.post("/admin/sign-out"),
    }


def withdraw(visitor: Visitor, enrolment_id: int) -> httpx2.Response:
    page = f"/admin/leaders/{enrolment_id}"
    return visitor.go_on(visitor.press(page, f"{page}/withdraw", sure="yes"))


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """All admin pages."""
    with open_show(tmp_path_factory.mktemp("admin"), hang_admin) as opened:
        yield opened


@pytest.mark.npm
def test_axe_finds_nothing_on_any_admin_page_narrow_or_wide_by_day_or_by_night(show: Show) -> None:
    faults = show.find_faults(WIDTHS)
    assert faults == [], "\n".join(faults)


def test_no_admin_page_has_to_be_scrolled_sideways_on_a_phone(show: Show) -> None:
    show.browser.resize(width=375)
    show.browser.dress("light")
    for name in show.names:
        show.open_page(name)
        assert show.browser.evaluate("document.documentElement.scrollWidth") == 375, name
