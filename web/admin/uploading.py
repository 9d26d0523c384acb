"""Starters from a spreadsheet: its columns confirmed, everybody shown, then all of it saved, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, HTTPException, Response, UploadFile

from config.load import Inspection
from config.problems import ConfigError, Problem, errors_among
from config.proposals import Proposal
from config.reading.columns import FIELDS, Columns, find_columns, normalise
from config.reading.imported import read_wishes
from config.reading.leader_rows import Row
from config.reading.loose_dates import DayOrder
from config.reading.workbooks import Limits, Sheet, parse_sheet
from config.remembering import recall_columns, remember_columns
from emails.compose import ComposeError
from models.matching import RosterError
from scheduler.enrolling import NotInForceError, Registry
from web.admin.desk import Desk, KeepingDesk, LookingDesk
from web.admin.proposing import (
    find_pressed,
    get_registry,
    press_save,
    preview,
    propose,
    say_broken,
    say_unfinished,
    say_wanted,
)
from web.admin.sheets import (
    FILE_LIMIT_BYTES,
    NAMES,
    ROWS_LIMIT,
    UNPACKED_LIMIT_BYTES,
    Upload,
    clean_name,
    list_choices,
    say_problem,
    say_problems,
    tell_columns,
    unpack,
)
from web.site import GivenSite, Site

LONGEST_UPLOAD = 16 * 1024 * 1024  # bytes that are looked at, to say that they are too many
LONGEST_FORM = 1024 * 1024 + 16 * 1024
SHOWN_ROWS = 500

router = APIRouter(prefix="/admin/starters")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetForm:
    """A spreadsheet as the pages carry it, and what was told about it."""

    upload: Upload
    encoding: str = ""
    order: DayOrder | None = None
    columns: tuple[str, ...] = ()

    def read(self) -> Sheet:
        """The rows. Raises ConfigError."""
        limits = Limits(rows=ROWS_LIMIT, unpacked_bytes=UNPACKED_LIMIT_BYTES)
        path = Path(self.upload.name)
        return parse_sheet(self.upload.content, path, encoding=self.encoding or None, limits=limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a row of the sheet comes to."""

    number: int
    name: str
    what: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The sheet's leaders as wishes, and what is wrong before anything is proposed."""

    wishes: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = field(default=())


def _read_form(
    *,
    sheet: Annotated[str, Form()],
    name: Annotated[str, Form()] = "",
    encoding: Annotated[Literal["", "windows-1252"], Form()] = "",
    order: Annotated[Literal["", "day-first", "month-first"], Form()] = "",
    columns: Annotated[list[str], Form(default_factory=list)],
) -> SheetForm:
    upload = unpack(name, sheet)
    if upload is None:
        raise HTTPException(400)
    return SheetForm(upload=upload, encoding=encoding, order=order or None, columns=tuple(columns))


GivenSheet = Annotated[SheetForm, Depends(_read_form)]


@router.api_route("/upload", methods=["GET", "HEAD"])
def show_choice(desk: LookingDesk, site: GivenSite) -> Response:
    """The form that takes a file."""
    get_registry(site.registry)
    if not desk.may("hr"):
        raise HTTPException(403)
    return _choose(desk)


@router.post("/upload", max_body_size=LONGEST_UPLOAD)
def take_file(desk: KeepingDesk, site: GivenSite, file: Annotated[UploadFile | None, File()] = None) -> Response:
    """Read the file, and ask what its columns hold."""
    get_registry(site.registry)
    name = clean_name(file.filename or "") if file is not None else ""
    content = b"" if file is None else file.file.read(FILE_LIMIT_BYTES + 1)
    if not content:
        return _choose(desk, problem="Choose a file with something in it.")
    if len(content) > FILE_LIMIT_BYTES:
        limit = FILE_LIMIT_BYTES // 1024
        return _choose(desk, problem=f"{name} is larger than {limit} KB; is it the right file? Or take it in parts.")
    form = SheetForm(upload=Upload(name, content))
    try:
        sheet = form.read()
    except ConfigError as error:
        problem = error.errors[0]
        if "Windows-1252" not in problem.message:
            return _choose(desk, problem=say_problem(problem, form.upload.name))
        form = SheetForm(upload=form.upload, encoding="windows-1252")
        try:
            sheet = form.read()
        except ConfigError:
            return _choose(desk, problem=say_problem(problem, form.upload.name))
    return _confirm(desk, site, form, sheet)


@router.post("/sheet", max_body_size=LONGEST_FORM)
def press_sheet(
    desk: KeepingDesk,
    site: GivenSite,
    form: GivenSheet,
    press: Annotated[Literal["look", "columns", "save"], Form()] = "look",
    token: Annotated[str, Form(max_length=100)] = "",
    seen: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Look at what would come of the sheet, go back to its columns, or save."""
    registry = get_registry(site.registry)
    try:
        sheet = form.read()
    except ConfigError as error:
        return _choose(desk, problem=say_problem(error.errors[0], form.upload.name))
    if press == "columns":
        return _confirm(desk, site, form, sheet)
    told = tell_columns(sheet, form.columns)
    inspection = registry.inspect()
    if errors_among(inspection.problems):
        return _confirm(desk, site, form, sheet, problems=say_broken(desk, ConfigError(inspection.problems)))
    columns = find_columns(sheet.header, sheet.path, told)
    if problems := _find_wrong_columns(columns):
        return _confirm(desk, site, form, sheet, problems=problems)
    if press == "save" and token:
        return _save(desk, site, registry, form, sheet, columns, token=token, seen=seen)
    return _look(desk, site, registry, form, sheet, columns, token=token or site.new_token())


def _find_wrong_columns(columns: Columns) -> list[str]:
    twice = [
        f"{problem.message.partition(';')[0].capitalize()}; choose it for one alone." for problem in columns.problems
    ]
    return twice + [f"Choose the column that holds: {NAMES[key].lower()}." for key in columns.missing]


def _read_rows(form: SheetForm, sheet: Sheet, columns: Columns, inspection: Inspection) -> Reading:
    programmes = inspection.config().programmes.values()
    names = {role.id: role.name for programme in programmes for role in programme.roles.values()}
    wishes = read_wishes(sheet, columns, role_names=names, order=form.order)
    return Reading(wishes=wishes.rows, problems=(*sheet.problems, *wishes.problems))


# ---------------------------------------------------------------- looked at, saved


def _look(
    desk: Desk,
    site: Site,
    registry: Registry,
    form: SheetForm,
    sheet: Sheet,
    columns: Columns,
    *,
    token: str,
    problem: str = "",
) -> Response:
    inspection = registry.inspect()
    try:
        reading = _read_rows(form, sheet, columns, inspection)
        proposal = propose(desk, registry, inspection, reading.wishes, reading.problems)
        shown = preview(desk, registry, proposal)
    except ConfigError as error:
        return _refuse(desk, site, form, sheet, columns, error)
    except (RosterError, ComposeError) as error:
        return _confirm(desk, site, form, sheet, problems=str(error).splitlines())
    lines = _tell_lines(desk, proposal)
    return desk.render(
        "upload_preview.html",
        status=409 if problem else 200,
        form=form,
        shown=shown,
        counts={what: sum(one.what == what for one in proposal.wanted) for what in ("new", "changed", "same")},
        lines=lines[:SHOWN_ROWS],
        more=max(0, len(lines) - SHOWN_ROWS),
        warnings=[say_problem(warning, sheet.path) for warning in proposal.warnings],
        problem=problem,
        token=token,
    )


def _tell_lines(desk: Desk, proposal: Proposal) -> list[Line]:
    return [
        Line(
            number=int(wanted.place.rpartition(":")[2] or 0),
            name=f"{wanted.name} ({wanted.email})",
            what=wanted.what,
            says=say_wanted(desk, wanted) if wanted.what == "changed" else "",
        )
        for wanted in proposal.wanted
    ]


def _refuse(desk: Desk, site: Site, form: SheetForm, sheet: Sheet, columns: Columns, error: ConfigError) -> Response:
    """Every row that is wrong, a line each; the columns beside, for they may be why."""
    rows = {problem.line for problem in error.errors if problem.path == sheet.path and problem.line}
    ending = (
        f"Nothing has been written: {len(rows)} of {len(sheet.rows)} rows {'is' if len(rows) == 1 else 'are'} wrong."
    )
    lines = say_problems(error.errors, sheet.path)
    return _confirm(desk, site, form, sheet, problems=lines, ending=ending, chosen=columns)


def _save(
    desk: Desk,
    site: Site,
    registry: Registry,
    form: SheetForm,
    sheet: Sheet,
    columns: Columns,
    *,
    token: str,
    seen: str,
) -> Response:
    problem = ""
    for _ in range(2):  # the second time where somebody wrote into the file just between reading and writing
        inspection = registry.inspect()
        try:
            reading = _read_rows(form, sheet, columns, inspection)
            proposal = propose(desk, registry, inspection, reading.wishes, reading.problems)
            pressed = find_pressed(desk, registry, proposal, token)
            pressed = pressed or press_save(desk, registry, proposal, token=token, seen=seen)
        except NotInForceError as error:
            problem = say_unfinished(desk, error)
            break
        except ConfigError as error:
            problem = str(error.errors[0])
            continue
        if pressed.receipt is not None:
            _remember(site, sheet, form)
            return desk.send_to(f"/admin/starters/saved/{pressed.receipt}")
        problem = pressed.problem
        break
    return _look(desk, site, registry, form, sheet, columns, token=token, problem=problem)


def _remember(site: Site, sheet: Sheet, form: SheetForm) -> None:
    """What was chosen otherwise than headings say is known the next time, here and to `import`."""
    data = site.settings.data
    by_itself = list_choices(sheet, find_columns(sheet.header, sheet.path, recall_columns(data)))
    told = tell_columns(sheet, form.columns)
    before = {normalise(one.heading): one.field for one in by_itself}
    remember_columns(data, {word: choice for word, choice in told.items() if before.get(word) != choice})


# ---------------------------------------------------------------- shown


def _choose(desk: Desk, *, problem: str = "") -> Response:
    return desk.render(
        "upload.html",
        status=400 if problem else 200,
        problem=problem,
        limit=FILE_LIMIT_BYTES // 1024,
        rows=ROWS_LIMIT,
    )


def _confirm(
    desk: Desk,
    site: Site,
    form: SheetForm,
    sheet: Sheet,
    *,
    problems: Sequence[str] = (),
    ending: str = "",
    chosen: Columns | None = None,
) -> Response:
    told: Mapping[str, str] = tell_columns(sheet, form.columns) if form.columns else recall_columns(site.settings.data)
    columns = chosen or find_columns(sheet.header, sheet.path, told)
    choices = list_choices(sheet, columns)
    return desk.render(
        "upload_columns.html",
        status=400 if problems else 200,
        form=form,
        problem=bool(problems),
        problems=problems[:SHOWN_ROWS],
        unsaid=max(0, len(problems) - SHOWN_ROWS),
        ending=ending,
        choices=choices,
        fields=[(key, NAMES[key]) for key in FIELDS],
        rows=len(sheet.rows),
    )
