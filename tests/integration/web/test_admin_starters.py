"""Adding a starter on the admin pages: nothing is written before it was looked at, and nothing of it is lost."""

import html
import re
from typing import Any

import httpx2
import pytest

from config.reading.leader_rows import parse_yaml_rows
from config.write import Draft
from scheduler import enrolling, undoing
from tests.integration.commands.house import DEE_ROW
from tests.integration.web.admin import Visitor, enter, find_mark, read_text
from tests.integration.web.enrolling import OTHER, OWN, SPRING, Office

NEW = "/admin/starters/new"
DEE: dict[str, Any] = {
    "name": "Dee Sample",
    "email": "dee@example.org",
    "role": "chair",
    "organisation": "Example Trust",
    "start_date": "2027-01-11",
}


class PowerCutError(Exception):
    """The process is gone."""


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


def test_what_was_changed_meanwhile_is_shown_again_and_nobodys_row_is_lost(office: Office) -> None:
    ada, eve = enter(office.scene, role="hr"), enter(office.scene, "eve@example.org", role="hr")
    hers = look(ada)
    assert save(eve, look(eve, name="Dee Other")).status_code == 303
    late = save(ada, hers)
    assert (late.status_code, "has changed since you looked" in read_text(late)) == (409, True)
    assert "Name: Dee Other → Dee Sample" in read_text(late)
    assert "Dee Other" in office.roster
    other = look(ada, email="bo@example.org", name="Bo Sample")
    office.roster = "# by hand\n" + office.roster
    assert save(ada, other).status_code == 303  # an edit elsewhere in the file is no matter
    assert office.roster.startswith("# by hand\n# Spring\n")
    assert all(name in office.roster for name in ("Sam Sample", "Dee Other", "Bo Sample"))


def test_an_edit_in_the_very_moment_of_saving_is_kept_and_so_is_the_starter(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = enter(office.scene, role="hr")
    shown, keep, edits = look(ada), enrolling.keep, iter(["# by hand\n"])

    def edit_first(draft: Draft) -> None:
        office.roster = next(edits, "") + office.roster
        keep(draft)

    monkeypatch.setattr(enrolling, "keep", edit_first)
    assert save(ada, shown).status_code == 303
    assert office.roster == "# by hand\n" + SPRING + DEE_ROW


def test_the_same_form_sent_twice_leads_to_the_same_receipt(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    shown = look(ada)
    assert save(ada, shown).headers["location"] == save(ada, shown).headers["location"]
    assert office.roster == SPRING + DEE_ROW
    assert "Nothing to change" in read_text(look(ada))


@pytest.mark.parametrize("dies_in", ["bring_in_line", "end_saving"])
@pytest.mark.parametrize("by", ["the next tick", "the same press"])
def test_after_a_death_between_writing_and_enrolling_the_rest_is_done(
    office: Office, monkeypatch: pytest.MonkeyPatch, dies_in: str, by: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise PowerCutError

    ada = enter(office.scene, role="hr")
    shown = look(ada)
    with monkeypatch.context() as broken, pytest.raises(PowerCutError):
        broken.setattr(enrolling, dies_in, die)
        save(ada, shown)
    assert office.roster == SPRING + DEE_ROW
    if by == "the next tick":
        office.tick()
    answer = save(ada, shown)
    assert "Dee Sample (dee@example.org)" in read_text(ada.go_on(answer))
    lines = read_text(enter(office.scene, "boss@example.org").get("/admin/audit"))
    assert lines.count("row added") == 1
    path = answer.headers["location"]
    assert ada.press(path, f"{path}/undo").status_code == 303
    assert office.roster == SPRING


def test_after_a_death_in_the_middle_of_undo_the_next_press_does_the_rest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise PowerCutError

    ada = enter(office.scene, role="hr")
    path = save(ada, look(ada)).headers["location"]
    with monkeypatch.context() as broken, pytest.raises(PowerCutError):
        broken.setattr(undoing, "take_back", die)
        ada.press(path, f"{path}/undo")
    office.tick()  # it finds the row gone, and holds the enrolment
    assert ada.press(path, f"{path}/undo").status_code == 303
    assert "Dee Sample" not in ada.get("/admin/leaders").text


def test_a_broken_file_stops_saving_and_is_told_to_those_who_may_see_it(office: Office) -> None:
    ada = enter(office.scene)
    own = enter(office.scene, "own@example.org", role="hr", organisations=(OWN,))
    shown = look(ada)
    office.roster = broken = SPRING.replace("chief-executive", "chief-exectuive")
    for page in (save(ada, shown), look(ada)):
        assert (page.status_code, "leaders.yaml:4:9: " in read_text(page)) in ((400, True), (409, True))
    text = read_text(look(own, organisation=OWN))
    assert "The config is broken just now, so nothing can be saved." in text
    assert "exectuive" not in text
    assert office.roster == broken


HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "- x: [y, {z: &a *a",
    "!!python/object/apply:os.system ['true']",
    "'\"# no comment: really?",
    "{{ 7 * 7 }}{% raw %}",
    "Dee\u202eSample",
    "D" * 120,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_any_signs_is_either_told_wrong_or_written_as_it_is(office: Office, name: str) -> None:
    ada = enter(office.scene, role="hr")
    shown = look(ada, name=name)
    assert name not in shown.text or "<" not in name
    if shown.status_code == 400:
        assert "There is a problem" in read_text(shown)
        assert office.roster == SPRING
        return
    assert save(ada, shown).status_code == 303
    rows, problems = parse_yaml_rows(office.roster, path=office.house.config)
    assert not problems
    assert [row.read("name") for row in rows] == ["Sam Sample", name]
    assert "49" not in read_text(ada.get("/admin/leaders?q=dee"))


@pytest.mark.parametrize("name", ["Dee\nrole: x", "Dee\r\nBcc: all@example.org", "Dee\tSample", "\x00\x07Dee"])
def test_a_name_with_line_ends_is_refused_beside_its_field(office: Office, name: str) -> None:
    page = look(enter(office.scene, role="hr"), name=name)
    assert (page.status_code, "holds a line break or control character" in read_text(page)) == (400, True)
    assert office.roster == SPRING


def test_nobody_adds_or_takes_over_a_leader_of_another_organisation(office: Office) -> None:
    moor = enter(office.scene, "moor@example.org", role="hr", organisations=(OTHER,))
    foreign = look(moor)
    assert f"Your account is for {OTHER}; choose that." in read_text(foreign)
    for fields in ({"email": "SAM.sample@example.org"}, {"id": "sam.sample@example.org"}):
        taken = look(moor, organisation=OTHER, **fields)
        assert (taken.status_code, "Sam" in read_text(taken)) == (400, False)
        assert "taken by somebody whom you cannot change" in read_text(taken)
    taken = look(moor, organisation=OTHER, formerly="sam.sample@example.org")
    assert "taken by somebody whom you cannot change" in read_text(taken)
    office.roster = "[]\n"  # held: only the database knows the leader now
    office.tick()
    assert look(moor, organisation=OTHER, email="sam.sample@example.org").status_code == 400
    assert save(moor, look(moor, organisation=OTHER)).status_code == 303


def test_receipts_and_undo_are_for_those_who_may_see_all_of_it(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    path = save(ada, look(ada)).headers["location"]
    moor = enter(office.scene, "moor@example.org", role="hr", organisations=(OTHER,))
    vic = enter(office.scene, "vic@example.org", role="viewer")
    assert moor.get(path).status_code == 404
    assert moor.post(f"{path}/undo", mark=find_mark(moor.get(NEW))).status_code == 404
    assert (vic.get(path).status_code, vic.get(NEW).status_code) == (403, 403)
    assert vic.post(NEW, mark=find_mark(vic.get("/admin")), **DEE).status_code == 403
    assert ada.post(f"{path}/undo").status_code == 403
    assert ada.post(NEW, **DEE, press="save", token="x", seen="y").status_code == 403
    assert ada.post(NEW, **DEE, filler="x" * 20_000).status_code == 413
    assert ada.get("/admin/starters/saved/1").status_code == 404
    assert office.roster == SPRING + DEE_ROW


def test_an_erasure_reaches_what_a_death_has_left_unfinished(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise PowerCutError

    ada = enter(office.scene, role="hr")
    shown = look(ada)
    with monkeypatch.context() as broken, pytest.raises(PowerCutError):
        broken.setattr(enrolling, "end_saving", die)
        save(ada, shown)
    assert "dee@example.org" in repr(office.scene.tables()["state"])
    assert office.house.run("erase", "dee@example.org", "--yes").code == 0
    assert "dee@example.org" not in repr(office.scene.tables())


def test_a_change_of_somebody_who_is_there_is_undone_unless_it_was_changed_again(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    sam = {"email": "sam.sample@example.org", "name": "Sam Sample", "organisation": OWN, "role": "chair"}
    path = save(ada, look(ada, **sam)).headers["location"]
    assert office.roster == SPRING.replace("chief-executive", "chair")
    assert "Rows that were changed say again what they said before." in read_text(ada.get(path))
    changed = office.roster
    office.roster = changed.replace("chair", "executive-director")
    late = ada.press(path, f"{path}/undo")
    assert (late.status_code, "once more since then" in read_text(late)) == (409, True)
    office.roster = changed
    assert ada.press(path, f"{path}/undo").status_code == 303
    assert office.roster == SPRING
