"""Reports to take away, written by the same code as `report NAME --format`, of the account's own leaders.

An export is a press, not a link: it leaves a line in the audit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from models.changes import write_audit
from models.choices import ChoiceError
from reports.leaders import LeaderProgress
from reports.registry import REPORTS
from reports.report import Report, ReportContext, ReportError
from reports.writing import FileFormat, stream_csv, write_file
from web.admin.desk import Desk, PressingDesk
from web.admin.finding import Search, meets
from web.fields import read_month

_KINDS: Mapping[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}

router = APIRouter(prefix="/admin")


@router.post("/reports/{name}")
def export_report(
    desk: PressingDesk,
    name: str,
    written_as: Annotated[FileFormat, Form(alias="format")] = "csv",
    month: Annotated[str, Form()] = "",
    q: Annotated[str, Form(max_length=200)] = "",
    role: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
    cohort: Annotated[str, Form()] = "",
    status: Annotated[str, Form()] = "",
) -> Response:
    """A report on many; of `leaders` those whom the search asks for."""
    report = REPORTS.get(name)
    if report is None or report.asks == "email":
        raise HTTPException(404)
    search = Search(words=q, role=role, organisation=organisation, cohort=cohort, status=status)
    try:
        if name == "leaders":
            about = search.name_fields() | ({"q": "given"} if search.words else {})  # it may be a person's name
            return _export(desk, _only(report, search), written_as, {}, about=about)
        if report.asks == "month" and month:
            given, about = {"month": read_month(month)}, {"month": month}
            return _export(desk, report, written_as, given, about=about, name=f"{name}-{month}")
        return _export(desk, report, written_as, {}, about={})
    except (ChoiceError, ReportError) as error:
        raise HTTPException(422) from error


@router.post("/leaders/{enrolment_id}/export")
def export_leader(
    desk: PressingDesk, enrolment_id: int, written_as: Annotated[FileFormat, Form(alias="format")] = "csv"
) -> Response:
    """The report on one leader."""
    with desk.reading() as session:
        enrolment = desk.find_enrolment(session, enrolment_id)
    given = {"email": enrolment.leader.email}
    return _export(
        desk, REPORTS["leader"], written_as, given, about={}, name=f"leader-{enrolment_id}", key=enrolment.leader.key
    )


def _only(report: Report[Any], search: Search) -> Report[Any]:
    """The report `leaders` on those whom a search asks for."""
    read, stream = report.read, report.stream

    def read_some(session: Session, context: ReportContext) -> object:
        value = read(session, context)
        return replace(value, rows=tuple(row for row in value.rows if meets(row, search)))

    def stream_some(session: Session, context: ReportContext) -> Iterator[LeaderProgress]:
        rows: Iterator[Any] = iter(()) if stream is None else stream(session, context)
        return (row for row in rows if meets(row, search))

    return replace(report, read=read_some, stream=stream_some)


def _export(
    desk: Desk,
    report: Report[Any],
    written_as: FileFormat,
    given: Mapping[str, Any],
    *,
    about: Mapping[str, str],
    name: str = "",
    key: str = "",
) -> Response:
    """Note who takes what, and hand it over. `key`: of the one leader whom it is about."""

    def note(session: Session) -> None:
        taken = {"report": report.name, "format": written_as, **about}
        write_audit(
            session,
            leader_key=key,
            programme="",
            actor="admin",
            action="exported",
            before={},
            after=taken,
            now=desk.now,
            account=desk.account.email,
        )

    file = f"first100-{name or report.name}-{desk.now:%Y-%m-%d}.{written_as}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    if written_as == "csv" and report.stream is not None:
        desk.write(note)
        return StreamingResponse(_stream(desk, report, given), media_type=_KINDS["csv"], headers=headers)
    content = BytesIO()
    with desk.reading() as session:
        write_file(report, session, replace(desk.report_context(session), **given), written_as, content)
    desk.write(note)
    return Response(content.getvalue(), media_type=_KINDS[written_as], headers=headers)


def _stream(desk: Desk, report: Report[Any], given: Mapping[str, Any]) -> Iterator[bytes]:
    with desk.reading() as session:
        yield from stream_csv(report, session, replace(desk.report_context(session), **given))
