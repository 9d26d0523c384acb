"""Reports over groups on a page each: their tables, each with its picture, and everything to take away."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from fastapi import APIRouter, HTTPException, Response

from models.choices import ChoiceError
from reports.registry import REPORTS
from reports.report import ReportError, Sheet
from web.admin.desk import LookingDesk
from web.fields import read_month, say

_OWN_PAGES: Mapping[str, str] = {"leaders": "/admin/leaders", "items": "/admin/items", "delivery": "/admin/delivery"}
_MONTHS = 24  # to choose from

router = APIRouter(prefix="/admin")


@router.api_route("/reports", methods=["GET", "HEAD"])
def show_reports(desk: LookingDesk) -> Response:
    """What there is to look at and to take away."""
    known = [
        (name, report.summary, _OWN_PAGES.get(name, f"/admin/reports/{name}"))
        for name, report in REPORTS.items()
        if report.asks != "email"
    ]
    return desk.render("reports.html", reports=known)


@router.api_route("/reports/{name}", methods=["GET", "HEAD"])
def show_report(desk: LookingDesk, name: str, month: str = "") -> Response:
    """One report, on the leaders that the account sees; `month`: for the board."""
    report = REPORTS.get(name)
    if report is None or report.asks == "email" or name in _OWN_PAGES:
        raise HTTPException(404)
    sheet: Sheet | None = None
    problem = ""
    try:
        with desk.reading() as session:
            chosen = read_month(month) if report.asks == "month" else None
            sheet = report.lay_out(report.read(session, replace(desk.report_context(session), month=chosen)))
    except ChoiceError as error:
        problem = say(error)
    except ReportError as error:
        problem = f"{str(error)[:1].upper()}{str(error)[1:]}."
    return desk.render(
        "report.html",
        status=400 if problem else 200,
        problem=problem,
        name=name,
        figures=sheet,
        months=_list_months(desk.now.date()) if report.asks == "month" else [],
        month=month if sheet else "",
    )


def _list_months(today: date) -> list[tuple[str, str]]:
    """The last months, this one first: as a form sends them, and as people write them."""
    months = [today.replace(day=1)]
    while len(months) < _MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in months]
