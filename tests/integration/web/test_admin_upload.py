"""Starters from a spreadsheet on the admin pages: everybody is shown, and all of it is saved or nothing."""

import html
import io
import re
import zipfile
from datetime import date
from typing import Any

import httpx2
import pytest
from openpyxl import Workbook

from config.remembering import recall_columns
from tests.integration.commands.house import DEE_ROW
from tests.integration.web.admin import Visitor, enter, find_mark, read_text
from tests.integration.web.enrolling import OTHER, OWN, SPRING, Office

UPLOAD, SHEET = "/admin/starters/upload", "/admin/starters/sheet"
HEAD = "Full name,Work email,Job role,Trust,Start\n"
DEE = "Dee Sample,dee@example.org,Chair,Example Trust,11/01/2027\n"
SAM_PROMOTED = "Sam Sample,sam.sample@example.org,Chair,Example Hospitals,2027-01-11\n"


def upload(visitor: Visitor, content: str | bytes, name: str = "starters.csv") -> httpx2.Response:
    """Choose a file, and go on to its columns."""
    raw = content.encode() if isinstance(content, str) else content
    mark = find_mark(visitor.get(UPLOAD))
    return visitor.browser.post(UPLOAD, data={"mark": mark}, files={"file": (name, raw)}, follow_redirects=False)


def read_fields(page: httpx2.Response) -> dict[str, Any]:
    """What the last form of a page would send, as it stands."""
    form = page.text[page.text.index(f'action="{SHEET}"') :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        fields.setdefault(name, []).append(html.unescape(value))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options)
        fields.setdefault(name, []).append(chosen.group(1) if chosen else "")
    return fields


def press(visitor: Visitor, page: httpx2.Response, button: str, **fields: Any) -> httpx2.Response:
    return visitor.post(SHEET, **{**read_fields(page), "press": button, **fields})


def look(visitor: Visitor, content: str | bytes, name: str = "starters.csv") -> httpx2.Response:
    return press(visitor, upload(visitor, content, name), "look")


def book(rows: list[list[object]]) -> bytes:
    made, sheet = io.BytesIO(), Workbook()
    assert sheet.active is not None
    for row in rows:
        sheet.active.append(row)
    sheet.save(made)
    return made.getvalue()


def test_a_sheet_is_confirmed_shown_row_by_row_saved_and_taken_back_whole(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    columns = upload(ada, HEAD + DEE + SAM_PROMOTED)
    assert "starters.csv, 2 rows What the columns hold" in read_text(columns)
    assert read_fields(columns)["columns"] == ["name", "email", "role", "organisation", "start_date"]
    shown = press(ada, columns, "look", order="day-first")
    text = read_text(shown)
    assert "1 new, 1 changed, 0 as they are" in text
    assert "2 Dee Sample (dee@example.org) new – 3 Sam Sample (sam.sample@example.org) changed" in text
    assert "Role: Chief executive → Chair" in text
    assert "The first mails to Dee Sample Mon 21 Dec 2026, 08:30:" in text
    assert office.roster == SPRING
    saved = press(ada, shown, "save")
    assert office.roster == SPRING.replace("chief-executive", "chair") + DEE_ROW
    receipt = ada.go_on(saved)
    assert "Sam Sample (sam.sample@example.org): changed" in read_text(receipt)
    assert press(ada, shown, "save").headers["location"] == saved.headers["location"]
    path = saved.headers["location"]
    assert ada.press(path, f"{path}/undo").status_code == 303
    assert office.roster == SPRING
    assert "Dee Sample" not in ada.get("/admin/leaders").text
    assert "Sam Sample sam.sample@example.org Chief executive" in read_text(ada.get("/admin/leaders"))


def test_an_excel_workbook_is_read_as_well(office: Office) -> None:
    made = book([["Full name", "E-mail", "Role", "Organisation", "Start"], [*DEE.split(",")[:4], date(2027, 1, 11)]])
    assert "1 new, 0 changed" in read_text(look(enter(office.scene), made, "starters.xlsx"))


def test_one_wrong_row_and_nothing_is_written(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    bad = "Bo,bo@example,Chiar,Example Trust,2027-02-30\n=1+1,cy@example.org,Chair,Example Trust,2027-01-11\n"
    refused = press(ada, upload(ada, HEAD + DEE + bad), "look", order="day-first")
    text = read_text(refused)
    assert refused.status_code == 400
    assert "Nothing has been written: 2 of 3 rows are wrong." in text
    assert "Row 3: email: 'bo@example' is no e-mail address" in text
    assert "; start_date: '2027-02-30' is no date: February 2027 has 28 days; write a day that exists" in text
    assert "Row 4: a formula stands in this cell, '=1+1', and is not run; paste its value instead" in text
    assert office.roster == SPRING


def test_columns_that_are_not_known_are_told_by_hand_once(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    columns = upload(ada, "Who,Where to,Job role,Trust,Start,Shoes\n" + DEE.replace("\n", ",42\n"))
    refused = press(ada, columns, "look")
    assert "Choose the column that holds: name." in read_text(refused)
    chosen = ["name", "email", "role", "organisation", "start_date", ""]
    shown = press(ada, columns, "look", columns=chosen, order="day-first")
    assert press(ada, shown, "save").status_code == 303
    assert recall_columns(office.opened.settings.data) == {"who": "name", "where to": "email"}
    assert read_fields(upload(ada, "Who,Where to\nA,b@example.org\n"))["columns"] == ["name", "email"]
    twice = press(ada, columns, "look", columns=["name", "name", "role", "organisation", "start_date", ""])
    assert "choose it for one alone" in read_text(twice)


def test_dates_that_can_be_read_two_ways_and_other_encodings_are_asked_about(office: Office) -> None:
    ada = enter(office.scene, role="hr")
    columns = upload(ada, (HEAD + DEE.replace("Dee", "Zoë")).encode("cp1252"))
    assert read_fields(columns)["encoding"] == ["windows-1252"]
    asked = press(ada, columns, "look")
    assert "say below which comes first" in read_text(asked)
    assert "Zoë Sample (dee@example.org) new" in read_text(press(ada, columns, "look", order="day-first"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("big.csv", b"x" * 600_000, "big.csv is larger than 512 KB"),
        ("huge.csv", b"x" * 10_000_000, "huge.csv is larger than 512 KB"),
        ("long.csv", b"a,b\n" * 2_100, "this sheet has more than 2000 rows"),
        ("empty.csv", b"", "Choose a file with something in it."),
        ("photo.png", b"\x89PNG", "this is neither .csv nor .xlsx"),
        ("cut.xlsx", b"PK\x03\x04 and no more", "cannot be read as an Excel workbook"),
        ("../../<b>.csv", b"\xff\xfe\x00", "this file was saved as UTF-16"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_one_line(
    office: Office, name: str, content: bytes, says: str
) -> None:
    ada = enter(office.scene, role="hr")
    page = upload(ada, content, name)
    assert page.status_code == 400
    assert says in read_text(page)
    assert "<b>" not in page.text


def test_a_zip_bomb_is_not_unpacked(office: Office) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    page = upload(enter(office.scene), made.getvalue(), "bomb.xlsx")
    assert (page.status_code, "unpacks to more than 16 MiB" in page.text) == (400, True)


def test_nobody_uploads_leaders_of_another_organisation(office: Office) -> None:
    office.roster = SPRING + DEE_ROW
    office.tick()
    moor = enter(office.scene, "moor@example.org", role="hr", organisations=(OTHER,))
    sheet = HEAD + DEE.replace("Example Trust", OTHER) + SAM_PROMOTED
    text = read_text(press(moor, upload(moor, sheet), "look", order="day-first"))
    assert "Row 2: email: this address or id is taken by somebody whom you cannot change" in text
    assert f"Row 3: organisation: your account is for {OTHER}; choose that" in text
    assert enter(office.scene, "vic@example.org", role="viewer").get(UPLOAD).status_code == 403
    vic = enter(office.scene, "vic@example.org", role="viewer")
    assert vic.post(SHEET, sheet="YQ==", mark=find_mark(vic.get("/admin"))).status_code == 403
    assert moor.post(SHEET, sheet="YQ==").status_code == 403
    assert moor.post(SHEET, sheet="no base64!", mark=find_mark(moor.get(UPLOAD))).status_code == 400
    assert OWN in office.roster
