"""The audit: who changed what, the newest first; of one's own leaders, and of accounts where one sees everybody."""

import json
from typing import Annotated, cast

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from models.tables import AuditRow
from web.admin.desk import AdminDesk
from web.admin.wording import say_instant

PER_PAGE = 100

router = APIRouter(prefix="/admin")


@router.api_route("/audit", methods=["GET", "HEAD"])
def show_audit(
    desk: AdminDesk,
    before: Annotated[int, Query(ge=1, lt=2**31)] = 2**31 - 1,
    about: Annotated[str, Query(max_length=320)] = "",
) -> Response:
    """A hundred lines; `before`: a line's number, for the older ones. `about`: a leader's key or an account."""
    lines = select(AuditRow).where(AuditRow.id < before).order_by(AuditRow.id.desc()).limit(PER_PAGE + 1)
    if wanted := about.strip().lower():
        lines = lines.where(
            (AuditRow.leader_key == about.strip()) | (AuditRow.leader_key == wanted) | (AuditRow.account == wanted)
        )
    with desk.reading() as session:
        rows = [
            {
                "at": say_instant(row.at),
                "who": row.account or row.actor,
                "did": row.action.replace("_", " "),
                "about": row.leader_key,
                "programme": row.programme,
                "change": _say_change(row.change),
                "id": row.id,
            }
            for row in session.scalars(lines)
        ]
    more = len(rows) > PER_PAGE
    return desk.render("audit.html", lines=rows[:PER_PAGE], about=about, older=rows[PER_PAGE - 1]["id"] if more else 0)


def _say_change(change: dict[str, dict[str, object]]) -> str:
    """The fields that differ: name, before and after."""
    before, after = change.get("before", {}), change.get("after", {})
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return "; ".join(f"{_name(name)}{_say(before.get(name))} → {_say(after.get(name))}" for name in names)


def _name(field: str) -> str:
    return "" if field == "value" else f"{field.replace('_', ' ')}: "


def _say(value: object) -> str:
    if value in (None, "", []):
        return "–"
    if isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        return ", ".join(f"{name} {_say(part)}" for name, part in parts.items())
    if isinstance(value, list):
        return ", ".join(_say(part) for part in cast("list[object]", value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
