"""What HR does in a day, in a real browser before a real server, by the keyboard alone: on a desk and on a phone."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from models.corrections import Correction, ask_correction
from models.store import read_enrolments
from tests.browser import Browser, open_browser
from tests.integration.commands.house import build_house
from tests.integration.web.admin import PASSWORD, invite
from tests.integration.web.enrolling import SPRING, Office, open_office
from tests.integration.web.show import serving

MOST_STOPS = 150
PAGES = ("/admin", "/admin/leaders", "/admin/starters/new", "/admin/reports/cohorts", "/admin/programme")
# What a reader would call the thing that has the focus, and how it looks: its own, and of a box its drawn label's.
NAME = """(() => {
  const e = document.activeElement
  if (!e || e === document.body) return ''
  const label = e.labels && e.labels.length ? e.labels[0].textContent : e.getAttribute('aria-label') || e.textContent
  return label.trim().replace(/\\s+/g, ' ')
})()"""
LOOKS = """(e => {
  const drawn = (one, part) => {
    const style = getComputedStyle(one, part)
    return [style.outline, style.boxShadow, style.backgroundColor, style.color, style.borderColor].join()
  }
  return [drawn(e), ...[...e.labels || []].map(label => drawn(label, '::before'))].join()
})"""
STEP = f"""(() => {{
  const e = document.activeElement, before = window.before
  const told = {{
    end: e === document.body || e === null,
    same: before !== undefined && e === before.element,
    hidden: before !== undefined && before.looks === {LOOKS}(before.element),
    name: {NAME},
    back: before !== undefined && e !== document.body && e !== before.element
      && !(before.element.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)
  }}
  if (!told.end && !told.same) window.before = {{element: e, looks: {LOOKS}(e)}}
  return told
}})()"""
REACHABLE = """[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility() && !e.disabled && !(e.type === 'radio' && !e.checked)).length"""

pytestmark = pytest.mark.browser


@dataclass
class Person:
    """Somebody at a keyboard."""

    browser: Browser
    base: str

    def open(self, path: str) -> None:
        self.browser.open(self.base + path)

    def reach(self, name: str, *, key: str = "Tab") -> None:
        """Go on with the tab key until what is called so has the focus."""
        seen: list[str] = []
        for _ in range(MOST_STOPS):
            self.browser.press(key)
            now = str(self.browser.evaluate(NAME))
            if now.startswith(name):
                return
            if seen.count("Skip to the page") > 1:  # once round
                break
            seen.append(now)
        raise AssertionError(f"no way to {name!r} past {seen}")

    def write(self, name: str, text: str) -> None:
        self.reach(name)
        self.browser.type(text)

    def press(self, name: str) -> None:
        """Reach a link or a button, press Enter, and wait for the page that comes."""
        self.reach(name)
        with self.browser.loading():
            self.browser.press("Enter")

    @property
    def heading(self) -> str:
        return " ".join(str(self.browser.evaluate("document.querySelector('h1').textContent")).split())

    @property
    def text(self) -> str:
        return " ".join(str(self.browser.evaluate("document.body.innerText")).split())

    def read_table(self, place: str) -> list[list[str]]:
        found: Any = self.browser.evaluate(
            f"[...document.querySelectorAll('{place} tbody tr')].map(r => [...r.cells].map(c => c.innerText.trim()))"
        )
        return found

    def list_stops(self) -> list[str]:
        """Every stop of the tab key from the top of the page to its end; each is in order, and seen to be it."""
        self.browser.evaluate("window.before = undefined")
        stops: list[str] = []
        for _ in range(MOST_STOPS):
            self.browser.press("Tab")
            step: Any = self.browser.evaluate(STEP)
            assert not step["hidden"] or step["same"], f"nothing tells that {stops[-1]!r} has the focus"
            if step["end"] or (step["back"] and step["name"] == stops[0]):
                return stops
            if not step["same"]:  # a date has a stop for each of its parts
                assert not step["back"], f"{step['name']!r} comes too late, after {stops[-1]!r}"
                stops.append(step["name"])
        raise AssertionError(f"no way out past {stops}")


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    """An installation with one leader, reached as on one machine."""
    house = build_house(tmp_path, capsys)
    house.write_roster(SPRING)
    with open_office(house, public_url="http://127.0.0.1:8100") as opened:
        opened.tick()
        yield opened


@pytest.fixture
def person(office: Office, tmp_path: Path) -> Iterator[Person]:
    with serving(office.scene.browser.app) as base, open_browser(tmp_path / "profile") as browser:
        yield Person(browser, base)


def sign_in(person: Person, office: Office) -> None:
    """By the link of `admin add`, a password of one's own, and the form."""
    person.open(invite(office.scene, "hr@example.org", role="hr"))
    person.write("New password", PASSWORD)
    person.write("The same again", PASSWORD)
    person.press("Set the password")
    person.write("E-mail address", "hr@example.org")
    person.write("Password", PASSWORD)
    person.press("Sign in")
    assert person.heading == "Overview", person.text


@pytest.mark.parametrize("width", [1280, 375])
def test_hr_enrols_somebody_finds_and_pauses_them_takes_a_report_away_and_applies_a_correction(
    office: Office, person: Person, tmp_path: Path, width: int
) -> None:
    person.browser.resize(width=width)
    sign_in(person, office)

    person.press("Add a starter")
    person.write("Name", "Dee Sample")
    person.write("E-mail", "dee@example.org")
    person.write("Role", "Chair")
    person.write("Organisation", "Example Trust")
    person.write("First day in post", "01112027")
    person.press("Show me what would happen")
    assert "Nothing is written yet." in person.text
    person.press("Save")
    assert person.heading == "Saved"
    assert "email: dee@example.org" in office.roster

    person.press("Leaders")
    person.write("Name or address", "dee")
    person.press("Show")
    assert "1 found." in person.text
    person.press("Dee Sample")
    assert person.heading == "First 100 days Dee Sample"
    planned = person.read_table("#coming")
    assert planned[0][:2] == ["-21", "Mon 21 Dec 2026, 08:30"]
    person.write("Last day of the pause", "01312027")
    person.press("Pause")
    assert "Paused. The leader is told by mail." in person.text
    moved = person.read_table("#coming")
    assert moved[0][:2] == ["-21", "Mon 15 Feb 2027, 08:30"]

    take_reports(person, tmp_path)

    with office.opened.database.sessions.begin() as session:
        (sam, _) = read_enrolments(session, tracking={})
        ask_correction(session, sam, Correction(at=office.house.now, role="chair", start_date=date(2027, 1, 18)))
    person.press("Corrections")
    person.press("Apply what Sam Sample asks for")
    assert "Nobody asks for a correction." in person.text
    assert "start_date: 2027-01-18" in office.roster


def take_reports(person: Person, folder: Path) -> None:
    """The list as CSV and as a spreadsheet, by two presses."""
    person.press("Leaders")
    for button in ("CSV", "Excel"):
        person.reach(f"Download all 2 leaders found as {button}")
        with person.browser.downloading(folder):
            person.browser.press("Enter")
    with (folder / "first100-leaders-2026-12-07.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["email"], row["status"]) for row in csv.DictReader(file)]
    assert rows == [("dee@example.org", "paused"), ("sam.sample@example.org", "waiting")]
    sheet = load_workbook(folder / "first100-leaders-2026-12-07.xlsx").active
    assert sheet is not None and sheet["A2"].value == "dee@example.org"


def test_the_tab_key_goes_through_every_page_in_order_and_out_again_and_what_has_it_is_seen(
    office: Office, person: Person
) -> None:
    sign_in(person, office)
    own = f"/admin/leaders/{office.scene.enrolment_id or 1}"
    for width in (1280, 375):
        person.browser.resize(width=width)
        for path in (
            "/admin",
            "/admin/leaders",
            own,
            "/admin/starters/new",
            "/admin/reports/cohorts",
            "/admin/programme",
        ):
            person.open(path)
            stops = person.list_stops()
            assert stops[0] == "Skip to the page"
            assert len(stops) >= person.browser.evaluate(REACHABLE)


def test_the_first_press_of_the_tab_key_leads_past_the_navigation(office: Office, person: Person) -> None:
    sign_in(person, office)
    person.open("/admin/leaders")
    person.reach("Skip to the page")
    person.browser.press("Enter")
    person.browser.press("Tab")
    assert person.browser.evaluate(NAME) == "Name or address"


def test_a_rehearsal_is_looked_through_and_its_policy_stops_nothing_of_it(office: Office, person: Person) -> None:
    sign_in(person, office)
    person.open("/admin/programme?role=chair")
    person.press("Every mail of Chair as it will read")
    assert person.browser.evaluate("document.documentElement.classList.contains('js')")
    person.press("Overview on one page")
    person.open("/admin/rehearsal/first-100-days/chair/first-100-days/chair/2027-01-11/none/01.html")
    assert person.browser.evaluate("getComputedStyle(document.querySelector('iframe')).display") == "block"
    framed = "document.querySelector('iframe').contentDocument.querySelector"
    assert "Welcome to your first 100 days" in str(person.browser.evaluate(f"{framed}('body').innerText"))
    assert person.browser.evaluate(f"getComputedStyle({framed}('table')).borderCollapse") == "collapse"
