"""The leaders that a search asks for, in order, a page of them at a time: from the kept rows of the report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from models.standings import read_kept
from models.tables import EnrolmentRow, StandingRow
from reports.kept import tell
from reports.progress import LeaderProgress

PER_PAGE = 50

_SORTS: Mapping[str, ColumnElement[Any]] = {
    "day": func.coalesce(StandingRow.stands_at, bindparam("today", type_=Integer) - StandingRow.day_zero).desc(),
    "engaged": (1.0 * StandingRow.engaged / func.nullif(StandingRow.sent, 0)).desc().nulls_last(),
    "problems": StandingRow.problem_count.desc(),
    "next": StandingRow.next_slot.asc().nulls_last(),
}
SORT_NAMES: Mapping[str, str] = {
    "name": "Name",
    "problems": "What needs a person first",
    "day": "Day, the latest first",
    "engaged": "Engaged, the most first",
    "next": "Next mail",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for; an empty field asks for nothing."""

    words: str = ""  # each is in the name or the address
    role: str = ""
    organisation: str = ""
    cohort: str = ""
    status: str = ""
    sort: str = "name"
    page: int = 1

    def at_page(self, page: int) -> str:
        """The same search's other page, as the end of an address."""
        more = {"sort": "" if self.sort == "name" else self.sort, "page": "" if page == 1 else f"{page}"}
        return "?" + urlencode(self.name_fields() | {name: value for name, value in more.items() if value})

    def name_fields(self) -> dict[str, str]:
        """What tells whom it finds, by the names that the fields have in a form."""
        fields = {
            "q": self.words,
            "role": self.role,
            "organisation": self.organisation,
            "cohort": self.cohort,
            "status": self.status,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was found, by enrolment. `options`: what each field may be asked for, by the field.

    `uncounted`: enrolments whose row is not worked out yet, which no search finds.
    """

    rows: Mapping[int, LeaderProgress]
    total: int
    page: int
    pages: int
    options: Mapping[str, tuple[str, ...]]
    uncounted: int


def find(session: Session, search: Search, *, now: datetime) -> Found:
    """The page that the search asks for; the last one where it asks for one beyond."""
    conditions = _conditions(search)
    total = session.scalar(select(func.count()).select_from(StandingRow).where(*conditions)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, search.page), pages)
    ids = list(session.scalars(_ordered(search, now).limit(PER_PAGE).offset((page - 1) * PER_PAGE)))
    kept = read_kept(session, ids)
    fields = {
        "role": StandingRow.role,
        "organisation": StandingRow.organisation,
        "cohort": StandingRow.cohort,
        "status": StandingRow.status,
    }
    everybody = session.scalar(select(func.count()).select_from(EnrolmentRow)) or 0
    counted = session.scalar(select(func.count()).select_from(StandingRow)) or 0
    return Found(
        rows={own: tell(kept[own], now) for own in ids},
        total=total,
        page=page,
        pages=pages,
        options={
            name: tuple(session.scalars(select(column).distinct().order_by(column))) for name, column in fields.items()
        },
        uncounted=everybody - counted,
    )


def find_ids(session: Session, search: Search, *, now: datetime) -> list[int]:
    """Everybody that the search finds, on whichever page, in its order."""
    return list(session.scalars(_ordered(search, now)))


def meets(row: LeaderProgress, search: Search) -> bool:
    """Whether the search asks for this row."""
    about = f"{row.name}\n{row.email}".casefold()
    return (
        all(word in about for word in search.words.casefold().split())
        and search.role in ("", row.role)
        and search.organisation in ("", row.organisation)
        and search.cohort in ("", row.cohort)
        and search.status in ("", row.status)
    )


def _ordered(search: Search, now: datetime) -> Select[int]:
    by_name = (StandingRow.about, StandingRow.programme, StandingRow.enrolment_id)
    first = (_SORTS[search.sort],) if search.sort in _SORTS else ()
    ordered = select(StandingRow.enrolment_id).where(*_conditions(search)).order_by(*first, *by_name)
    return ordered.params(today=now.date().toordinal()) if search.sort == "day" else ordered


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    words = search.words.casefold().split()
    asked = {
        StandingRow.role: search.role,
        StandingRow.organisation: search.organisation,
        StandingRow.cohort: search.cohort,
        StandingRow.status: search.status,
    }
    return [
        *(StandingRow.about.contains(word, autoescape=True) for word in words),
        *(column == value for column, value in asked.items() if value),
    ]
