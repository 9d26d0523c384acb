"""Adding a starter on the admin pages: nothing is written before it was looked at, and nothing of it is lost."""

import html
import re
from typing import Any

import httpx2

from tests.integration.commands.house import DEE_ROW
from tests.integration.web.admin import Visitor, enter, find_mark, read_text
from tests.integration.web.enrolling import SPRING, Office

NEW = "/admin/starters/new"
DEE: dict[str, Any] = {
    "name": "Dee Sample",
    "email": "dee@example.org",
    "role": "chair",
    "organisation": "Example Trust",
    "start_date": "2027-01-11",
}


def look(visitor: Visitor, **fields: Any) -> httpx2.Response:
    return visitor.press(NEW, press="look", **{**DEE, **fields})


def save(visitor: Visitor, shown: httpx2.Response, **fields: Any) -> httpx2.Response:
    """Press Save on the page that shows what would happen."""
    hidden: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown.text):
        hidden.setdefault(name, []).append(html.unescape(value))
    hidden["mark"] = find_mark(shown)
    return visitor.post(NEW, **{**hidden, "press": "save", **fields})


def test_a_starter_is_shown_with_four_mails_then_saved_in_force_and_on_record(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    shown = look(ada)
    text = read_text(shown)
    assert (shown.status_code, office.roster) == (200, SPRING)
    assert "Dee Sample (first-100-days): enrolled, starts 2027-01-11 as chair." in text
    whens = re.findall(r"<h3[^>]*>(.{15}), 08:30: ", shown.text)
    assert whens == ["Mon 21 Dec 2026", "Tue 29 Dec 2026", "Mon 04 Jan 2027", "Tue 12 Jan 2027"]
    assert "Congratulations on your new post." in text
    assert "nudges.example.org" not in shown.text  # no link that would be a leader's own
    answer = save(ada, shown)
    receipt = ada.go_on(answer)
    assert office.roster == SPRING + DEE_ROW
    assert "Dee Sample (dee@example.org)" in read_text(receipt)
    assert "Dee Sample" in ada.get("/admin/leaders").text
    lines = read_text(enter(office.scene, "boss@example.org").get("/admin/audit"))
    assert "ada@example.org row added dee@example.org" in lines


def test_undo_takes_it_all_back_until_the_first_mail_has_left(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    path = save(ada, look(ada)).headers["location"]
    assert ada.press(path, f"{path}/undo").status_code == 303
    assert office.roster == SPRING
    assert "Dee Sample" not in ada.get("/admin/leaders").text
    path = save(ada, look(ada, start_date="2026-12-01")).headers["location"]
    office.house.now = office.house.now.replace(day=8, hour=12)
    office.tick()
    assert [mail.recipient for mail in office.mails()] == ["dee@example.org"]
    office.house.now = office.house.now.replace(day=7, hour=9, minute=30)
    mark = find_mark(ada.get(NEW))
    late = ada.post(f"{path}/undo", mark=mark)
    assert (late.status_code, "Dee Sample: a mail has left already" in read_text(late)) == (409, True)
    assert "cannot be undone any more" in read_text(late)
    assert "dee@example.org" in office.roster
