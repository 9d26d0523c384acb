"""What leaders ask HR to put right, settled by one press on the admin pages; a death in between loses nothing."""

from datetime import date

import httpx2
import pytest

from models.corrections import Correction, ask_correction
from models.store import read_enrolments
from scheduler import enrolling
from tests.integration.web.admin import Visitor, enter, find_mark, read_text
from tests.integration.web.enrolling import SPRING, Office

PAGE = "/admin/corrections"
PUT_RIGHT = SPRING.replace("chief-executive", "chair").replace("01-11", "01-18")


class PowerCutError(Exception):
    """The process is gone."""


@pytest.fixture(autouse=True)
def asked(office: Office) -> None:
    """The leader asks for a later start in another role."""
    ask(office)


def ask(office: Office, role: str = "chair") -> None:
    """The leader asks for a later start in another role."""
    with office.opened.database.sessions.begin() as session:
        (enrolment,) = read_enrolments(session, tracking={})
        correction = Correction(at=office.house.now, role=role, start_date=date(2027, 1, 18))
        assert ask_correction(session, enrolment, correction)


def press_page(visitor: Visitor, verdict: str) -> httpx2.Response:
    """Press the button of the first request; the page that comes of it."""
    page = visitor.get(PAGE)
    fields = find_fields(page.text)
    answer = visitor.post(fields.pop("action"), mark=find_mark(page), verdict=verdict, **fields)
    return visitor.go_on(answer) if answer.status_code == 303 else answer


def press(visitor: Visitor, verdict: str) -> str:
    return read_text(press_page(visitor, verdict))


def find_fields(html: str) -> dict[str, str]:
    """Where the first request's form goes, and what it brings along."""
    form = html[html.index('action="/admin/corrections/') :]
    return {
        "action": form.split('"')[1],
        "asked_at": form.split('name="asked_at" value="')[1].split('"')[0],
    }


def told(office: Office) -> list[str]:
    office.tick()
    return [mail.subject for mail in office.mails()]


def test_one_press_writes_the_row_moves_the_plan_and_tells_the_leader(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    text = read_text(ada.get(PAGE))
    assert "Sam Sample sam.sample@example.org, First 100 days; asked on Mon 07 Dec 2026, 09:00 UTC." in text
    assert "Role: Chair (now Chief executive) Start date: 18 January 2027 (now 11 January 2027)" in text
    assert "1 leader asks for a correction" in read_text(ada.get("/admin"))
    own = find_fields(ada.get(PAGE).text)["action"].rpartition("/")[2]
    assert f"/admin/corrections#asked-{own}" in ada.get(f"/admin/leaders/{own}").text
    assert "The leader is told by mail." in press(ada, "apply")
    assert office.roster == PUT_RIGHT
    assert "Nobody asks for a correction." in read_text(ada.get(PAGE))
    assert told(office) == ["Put right, as you asked"]
    audit = read_text(enter(office.scene, "boss@example.org").get("/admin/audit"))
    assert "ada@example.org correction made" in audit


def test_declining_changes_nothing_and_tells_the_leader(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    assert "Declined: nothing has changed." in press(ada, "decline")
    assert office.roster == SPRING
    assert told(office) == ["Your correction was not made"]


def test_the_same_press_twice_and_one_about_an_older_request_do_nothing_more(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    page = ada.get(PAGE)
    fields = {**find_fields(page.text), "mark": find_mark(page), "verdict": "apply"}
    action = fields.pop("action")
    assert ada.post(action, **fields).headers["location"].endswith("done=granted")
    assert ada.post(action, **fields).headers["location"].endswith("done=nothing")
    office.house.now = office.house.now.replace(minute=40)
    ask(office, role="director")
    assert ada.post(action, **fields).headers["location"].endswith("done=nothing")
    assert told(office) == ["Put right, as you asked"]
    assert "asked on Mon 07 Dec 2026, 09:40" in read_text(ada.get(PAGE))


@pytest.mark.parametrize("dies_in", ["bring_in_line", "end_saving"])
@pytest.mark.parametrize("by", ["the next tick", "the same press"])
def test_after_a_death_between_two_steps_the_rest_is_done(
    office: Office, monkeypatch: pytest.MonkeyPatch, dies_in: str, by: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise PowerCutError

    ada = enter(office.scene, role="hr")
    page = ada.get(PAGE)
    fields = {**find_fields(page.text), "mark": find_mark(page), "verdict": "apply"}
    action = fields.pop("action")
    with monkeypatch.context() as broken, pytest.raises(PowerCutError):
        broken.setattr(enrolling, dies_in, die)
        ada.post(action, **fields)
    assert office.roster == PUT_RIGHT
    if by == "the same press":
        assert ada.post(action, **fields).headers["location"].endswith("done=granted")
    assert told(office) == ["Put right, as you asked"]
    office.tick()
    assert len(office.mails()) == 1
    (mail,) = office.mails()
    assert "Start date: 18 January 2027 (now 11 January 2027)" in mail.text


def test_viewers_and_other_organisations_see_no_request_and_settle_none(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    fields = find_fields(ada.get(PAGE).text)
    action = fields.pop("action")
    assert enter(office.scene, "vic@example.org", role="viewer").get(PAGE).status_code == 403
    moor = enter(office.scene, "moor@example.org", role="hr", organisations=("Moor Trust",))
    assert "Nobody asks for a correction." in read_text(moor.get(PAGE))
    mark = find_mark(moor.get(PAGE))
    assert moor.post(action, mark=mark, verdict="apply", **fields).status_code == 404
    assert ada.post(action, verdict="apply", **fields).status_code == 403
    assert office.roster == SPRING
