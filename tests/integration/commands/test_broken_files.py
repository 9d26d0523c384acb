"""Every kind of broken file: command line, admin page and HR's mail give the same lines, and nothing is lost."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from commands.opening import House as OpenHouse
from commands.opening import open_house, open_pages
from models.accounts import Account, begin_session, put_account, read_accounts
from models.tables import EnrolmentRow, LeaderRow, MailItemRow, MailRow
from rehearsal.mailbox import read_mailbox
from scheduler.tick import run_tick
from tests.integration.commands.house import ROW, House

KIM = ROW.replace("Sam Sample", "Kim Example").replace("sam.sample", "kim.example")
HR, TOKEN = "hr@example.org", "a token of the test's own"
CSV = "name,email,role,organisation,start_date\n"
PLAN = (EnrolmentRow, LeaderRow, MailItemRow)
ROLES, PROGRAMME, TIP = (
    "first-100-days/roles.yaml",
    "first-100-days/programme.yaml",
    "first-100-days/tips/expect-complexity.md",
)


def bomb() -> str:
    """Nine lists, each of nine of the one before."""
    lists = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]
    return "\n".join(lists) + "\n"


# What is wrong, in which file, what stands in it, and a piece of each line that is to be said.
KINDS: dict[str, tuple[str, str | bytes, tuple[str, ...]]] = {
    "unknown role": ("leaders.yaml", ROW.replace("chief-executive", "emperor"), ("'emperor' is no role",)),
    "misspelt role": ("leaders.yaml", ROW.replace("chief-executive", "chief-exectuive"), ("mean chief-executive?",)),
    "impossible date": ("leaders.yaml", ROW.replace("2027-01-11", "2027-02-30"), ("February 2027 has 28 days",)),
    "date of another form": ("leaders.yaml", ROW.replace("2027-01-11", "11/13/2027"), ("'11/13/2027'",)),
    "same leader twice": ("leaders.yaml", ROW + ROW, ("keep one of the two",)),
    "unknown key": ("leaders.yaml", ROW.replace("role:", "rolle:"), ("did you mean role?", "role is missing")),
    "missing key": ("leaders.yaml", "- name: Sam\n", ("email is missing", "role is missing", "start_date is missing")),
    "bad address": ("leaders.yaml", ROW.replace("sam.sample@example.org", "sam.sample"), ("is no e-mail address",)),
    "alias bomb": ("leaders.yaml", bomb(), ("which is not used here",)),
    "other encoding": ("leaders.yaml", ROW.replace("Sam", "Zoë").encode("cp1252"), ("saved as Windows-1252",)),
    "encoding of two bytes": ("leaders.yaml", ROW.encode("utf-16"), ("UTF-16",)),
    "letter cut in half": ("leaders.yaml", ROW.encode()[:-2] + "é".encode()[:1], ("saved only in part",)),
    "half a line": ("leaders.yaml", ROW + '- name: "Kim Ex', ("is never closed",)),
    "zeros of a full disk": ("leaders.yaml", ROW.encode() + b"\0" * 512, ("saved only in part",)),
    "bracket left open": ("leaders.yaml", "- name: [Sam\n", ("is not closed with ]",)),
    "tab": ("leaders.yaml", ROW.replace("  email", "\temail"), ("tab",)),
    "missing colon": ("leaders.yaml", ROW.replace("role:", "role"), ("colon",)),
    "no list": ("leaders.yaml", "name: Sam\n", ("list",)),
    "several at once": (
        "leaders.yaml",
        ROW.replace("chief-executive", "emperor") + KIM.replace("2027-01-11", "2027-02-30"),
        ("'emperor' is no role", "February 2027 has 28 days"),
    ),
    "name of 2,000 characters": ("leaders.yaml", ROW.replace("Sam Sample", "Sam" * 700), ("characters long",)),
    "CSV without a column": ("leaders.csv", "name,email,role\nSam,sam@example.org,chair\n", ("start_date",)),
    "CSV with a strange column": ("leaders.csv", CSV.replace("role", "rolle") + "a,b,c,d,e\n", ("role",)),
    "CSV with a quote left open": ("leaders.csv", 'name,email\n"Sam', ("is never closed",)),
    "CSV with a cell too many": ("leaders.csv", CSV + "Sam,s@example.org,chair,Ex,2027-01-11,x\n", ("6",)),
    "workbook called CSV": ("leaders.csv", b"PK\x03\x04" + bytes(range(200)), ("workbook",)),
    "unknown key of the programme": (PROGRAMME, "nmae: x\n", ("did you mean name?",)),
    "roles saved in part": (ROLES, "roles: [\n", ("saved only in part",)),
    "tip without front matter": (TIP, "# Only words\n", ("---",)),
    "tip that is empty": (TIP, "", ("should start with a line '---'",)),
    "settings with a bad time": ("settings.yaml", "send_at: 25:00\n", ("is no time of day",)),
    "settings with an unknown key": ("settings.yaml", "sender_nam: x\n", ("did you mean sender_name?",)),
    "settings with a password": ("settings.yaml", "mail: smtp://u:hunter2@h\n", ("holds a password",)),
    "settings that are a list": ("settings.yaml", "- a\n", ("this is a list",)),
}


@dataclass
class Running:
    """The service, with Sam enrolled from the file, and an admin who looks at its pages."""

    house: House
    opened: OpenHouse
    browser: TestClient

    def tick(self, minutes: int) -> None:
        self.house.now += timedelta(minutes=minutes)
        run_tick(self.opened.installation, now=self.house.now)

    def plans(self) -> list[object]:
        """Who is enrolled, and what is planned and was sent to them."""
        with self.opened.database.reading() as session:
            rows = [tuple(row) for one in PLAN for row in session.execute(select(one.__table__))]
            columns = (MailRow.id, MailRow.state, MailRow.slot, MailRow.day)
            return [*rows, *session.execute(select(*columns).where(MailRow.kind == "nudge"))]


@pytest.fixture
def running(house: House) -> Iterator[Running]:
    house.write_roster(ROW)
    house.environ["FIRST100_HR_CONTACT"] = HR
    with open_house(house.wiring()) as opened:
        browser = TestClient(open_pages(opened), base_url="http://127.0.0.1:8100", cookies={"first100": TOKEN})
        running = Running(house, opened, browser)
        running.tick(0)
        running.tick(10)
        with opened.database.sessions.begin() as session:
            put_account(session, "ada@example.org", role="admin", organisations=(), link="x", now=house.now)
            ada: Account = read_accounts(session)[0]
            assert begin_session(session, ada, TOKEN, now=house.now, how="test")
        yield running


def squeeze(text: str) -> str:
    """The text without blanks, wherever its lines break."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_file_gives_the_same_lines_in_three_places_and_changes_nothing(running: Running, kind: str) -> None:
    name, content, pieces = KINDS[kind]
    house, before = running.house, running.plans()
    assert before
    (house.config / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    running.tick(1)
    running.tick(10)

    lines = running.opened.config.current.problems
    assert all(line.startswith(f"{house.config / name}:") for line in lines), lines
    for piece in pieces:
        assert any(piece in line for line in lines), (piece, lines)

    checked = house.run("check")
    assert checked.code == 1
    said = squeeze(checked.out + checked.err)
    page = running.browser.get("/admin/config")
    shown = squeeze(html.unescape(re.sub(r"<[^>]+>", "", page.text)))
    mail = [mail for mail in read_mailbox(house.mailbox) if mail.recipient == HR][-1]
    assert mail.subject == "The leaders' file needs you"
    for line in map(squeeze, lines):
        assert line in said
        assert line in shown
        assert line in squeeze(mail.text)

    assert running.plans() == before
    assert "hunter2" not in checked.out + checked.err + page.text + mail.text


@pytest.mark.parametrize("kind", [kind for kind, (name, *_) in KINDS.items() if name.startswith("leaders")])
def test_nor_does_a_sync_by_hand(running: Running, kind: str) -> None:
    name, content, pieces = KINDS[kind]
    house, before = running.house, running.plans()
    (house.config / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome = house.run("sync")
    assert (outcome.code, outcome.out) == (1, "")
    assert "Traceback" not in outcome.err
    assert all(piece in outcome.err for piece in pieces)
    assert running.plans() == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("people.xlsx", b"PK\x03\x04rest", "cannot be read as an Excel workbook"),
        ("people.xlsx", b"", "people.xlsx"),
        ("people.csv", b"colour,size\nred,7\n", "people.csv"),
        ("people.csv", "Name;Email\nZoë".encode("utf-16"), "people.csv"),
    ],
)
def test_a_broken_spreadsheet_brings_its_line_and_nobody(
    running: Running, name: str, content: bytes, says: str
) -> None:
    before, roster = running.plans(), (running.house.config / "leaders.yaml").read_bytes()
    file = running.house.folder / name
    file.write_bytes(content)
    outcome = running.house.run("import", str(file), "--yes")
    assert (outcome.code, "Traceback" in outcome.err) == (1, False)
    assert says in outcome.err
    running.tick(1)
    assert running.plans() == before
    assert (running.house.config / "leaders.yaml").read_bytes() == roster
