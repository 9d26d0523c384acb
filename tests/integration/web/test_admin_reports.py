"""Reports on the admin pages, and taken away as files: whose leaders, which form, and who is on record for it."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from models.tables import AuditRow
from reports.registry import REPORTS
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.admin import Visitor, enter, read_text
from tests.integration.web.scene import Scene

SAM, KIM = "sam.sample@example.org", "kim@example.org"
OWN, OTHER = "Example Hospitals", "Moor Trust"
ON_MANY = [name for name, report in REPORTS.items() if report.asks != "email"]


@pytest.fixture
def kim(scene: Scene) -> int:
    """A leader of another organisation, whose name looks like a formula; the number of the enrolment."""
    leader = build_leader(key=KIM, email=KIM, name="=Kim", organisation=OTHER)
    with scene.database.sessions.begin() as session:
        return keep_enrolment(session, build_enrolment(leader=leader, cohort="spring")).id


def export(visitor: Visitor, name: str, **fields: Any) -> Any:
    return visitor.press("/admin/reports", f"/admin/reports/{name}", **fields)


def list_emails(answer: Any) -> list[str]:
    return [row["email"] for row in csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))]


# ---------------------------------------------------------------- pages


def test_every_report_has_a_page_and_the_reports_page_leads_to_it(scene: Scene) -> None:
    visitor = enter(scene, role="viewer")
    page = visitor.get("/admin/reports").text
    for name in ON_MANY:
        own = f"/admin/{name}" if name in ("leaders", "items", "delivery") else f"/admin/reports/{name}"
        assert f'<a href="{own}">{name.capitalize()}</a>' in page
        assert visitor.get(own).status_code == 200
    assert [visitor.get(f"/admin/reports/{name}").status_code for name in ("leader", "nothing", "items")] == [404] * 3


def test_a_reports_page_shows_its_picture_and_the_table_that_has_the_same_figures(scene: Scene, kim: int) -> None:
    page = enter(scene).get("/admin/reports/cohorts")
    assert '<svg xmlns="http://www.w3.org/2000/svg" role="img"' in page.text
    assert "spring" in read_text(page)
    assert "style=" not in page.text  # the policy lets no such thing through


def test_an_account_of_an_organisation_is_shown_its_own_figures(scene: Scene, kim: int) -> None:
    page = read_text(enter(scene, role="viewer", organisations=(OWN,)).get("/admin/reports/cohorts"))
    assert ("spring" in page, f"The figures are those of {OWN}." in page) == (False, True)


@pytest.mark.parametrize(
    ("month", "status", "says"),
    [
        ("2026-12", 200, "First 100 days: December 2026"),
        ("", 200, "First 100 days: January 2027"),
        ("2027-02", 400, "The month 2027-02 has not begun."),
        ("2027-13", 400, "Write the month like 2027-02."),
        ("soon", 400, "Write the month like 2027-02."),
    ],
)
def test_the_board_is_shown_the_month_that_is_asked_for(scene: Scene, month: str, status: int, says: str) -> None:
    page = enter(scene).get(f"/admin/reports/board?month={month}")
    assert (page.status_code, says in read_text(page)) == (status, True)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("written_as", ["csv", "xlsx", "json", "html"])
def test_every_report_is_handed_over_in_every_form_under_a_dated_name(scene: Scene, kim: int, written_as: str) -> None:
    visitor = enter(scene, role="viewer")
    for name in ON_MANY:
        answer = export(visitor, name, format=written_as)
        assert answer.status_code == 200
        named = f'attachment; filename="first100-{name}-2027-01-12.{written_as}"'
        assert answer.headers["content-disposition"] == named
        match written_as:
            case "csv":
                assert answer.content.startswith(b"\xef\xbb\xbf")
                assert b"\r\n" in answer.content
            case "xlsx":
                assert load_workbook(BytesIO(answer.content)).active is not None
            case "json":
                assert "as_of" in answer.json()
            case _:
                assert answer.text.startswith("<!doctype html>")


def test_the_leaders_that_a_search_finds_are_handed_over_and_no_others(scene: Scene, kim: int) -> None:
    visitor = enter(scene)
    assert list_emails(export(visitor, "leaders")) == [KIM, SAM]
    assert list_emails(export(visitor, "leaders", cohort="spring")) == [KIM]
    assert list_emails(export(visitor, "leaders", q="sample", status="active")) == [SAM]
    assert list_emails(export(visitor, "leaders", status="completed")) == []
    rows = json.loads(export(visitor, "leaders", cohort="spring", format="json").text)["rows"]
    assert [row["email"] for row in rows] == [KIM]
    cells = load_workbook(BytesIO(export(visitor, "leaders", cohort="spring", format="xlsx").content)).active
    assert cells is not None and [row[0] for row in cells.iter_rows(values_only=True)] == ["email", KIM]
    assert "'=Kim" in export(visitor, "leaders", cohort="spring").text  # no formula in anybody's spreadsheet


def test_the_buttons_of_the_list_hand_over_what_it_shows(scene: Scene, kim: int) -> None:
    page = enter(scene).get("/admin/leaders?q=kim&cohort=spring")
    assert '<input type="hidden" name="q" value="kim">' in page.text
    assert '<input type="hidden" name="cohort" value="spring">' in page.text


def test_an_account_of_an_organisation_takes_away_its_own_leaders_alone(scene: Scene, kim: int) -> None:
    visitor = enter(scene, role="viewer", organisations=(OWN,))
    assert list_emails(export(visitor, "leaders")) == [SAM]
    assert list_emails(export(visitor, "leaders", organisation=OTHER)) == []
    assert "spring" not in export(visitor, "cohorts", format="json").text


def test_one_leader_is_handed_over_with_the_mails(scene: Scene) -> None:
    visitor, page = enter(scene, role="viewer"), f"/admin/leaders/{scene.enrolment_id}"
    answer = visitor.press(page, f"{page}/export", format="json")
    assert 'filename="first100-leader-1-2027-01-12.json"' in answer.headers["content-disposition"]
    assert [row["email"] for row in answer.json()["progress"]] == [SAM]


def test_an_export_is_on_record_with_the_account_and_no_words_that_may_be_a_name(scene: Scene) -> None:
    visitor, page = enter(scene, "vic@example.org", role="viewer"), f"/admin/leaders/{scene.enrolment_id}"
    export(visitor, "leaders", q="sample", status="active")
    visitor.press(page, f"{page}/export", format="xlsx")
    with scene.database.reading() as session:
        lines = session.scalars(select(AuditRow).where(AuditRow.action == "exported").order_by(AuditRow.id))
        told = [(line.account, line.leader_key, line.change["after"]) for line in lines]
    assert told == [
        ("vic@example.org", "", {"report": "leaders", "format": "csv", "q": "given", "status": "active"}),
        ("vic@example.org", SAM, {"report": "leader", "format": "xlsx"}),
    ]


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("nothing", {}, 404),
        ("leader", {}, 404),
        ("leaders", {"format": "exe"}, 422),
        ("board", {"month": "soon"}, 422),
        ("board", {"month": "2099-01", "format": "csv"}, 422),
    ],
)
def test_what_cannot_be_handed_over_is_refused_and_not_on_record(
    scene: Scene, name: str, fields: dict[str, str], status: int
) -> None:
    visitor = enter(scene)
    before = scene.tables()
    assert export(visitor, name, **fields).status_code == status
    assert scene.tables() == before
