"""What HR is told of config: changes that were made, files that are broken, and that they are mended; one mail for all.

A digest waits until nothing has happened for a while, so that a mistake put right at once is never told, and a broken
file is told once. The mail in the outbox names no leader: who changed is read from the audit when it is written.
Functions take a session and never commit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import read_accounts
from models.store import get_state, set_state
from models.tables import AuditRow, LeaderRow, MailRow
from models.turns import take_turn

QUIET = timedelta(minutes=10)
KIND = "digest"
WEEK = "week"  # what the weekly one says of itself
NAMED_CHANGES, NAMED_PROBLEMS = 50, 50  # in one mail; of more their number
_THROUGH, _TOLD, _SEEN = "digest_through", "digest_told", "digest_seen"
_WEEK_POSTED = "weekly_digest_posted"
_PLACE = re.compile(r":[0-9]+:[0-9]+: ")  # moves with every line above it


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one digest says. `mended`: what an earlier one complained of is right again."""

    changes: tuple[str, ...]
    more_changes: int
    problems: tuple[str, ...]
    mended: bool


def note_config(
    session: Session, problems: Sequence[str], *, recipient: str | None, is_first: bool, now: datetime
) -> bool:
    """Takes note of how config stands; puts a digest into the outbox when there is news that has settled.

    True where it did. Without a recipient, all that happens counts as told; so does what happened before the first
    note, unless this `is_first` of all ticks.
    """
    through = get_state(session, _THROUGH)
    begun = int(through or 0)
    newest = select(func.max(AuditRow.id)).where(AuditRow.id > begun, AuditRow.actor == "config")
    last = session.scalar(newest) or begun
    standing = _fingerprint(problems)
    if through is None and not is_first:
        begun = last
    told = get_state(session, _TOLD) or ""
    news = f"{last} {standing}"
    seen, _, since = (get_state(session, _SEEN) or "").partition("|")
    if recipient is None or (begun, told) == (last, standing):
        if (through, told, seen) != (f"{last}", standing, ""):
            _count_as_told(session, last, standing)
        return False
    if through is None:
        set_state(session, _THROUGH, f"{begun}")
    if seen != news:
        set_state(session, _SEEN, f"{news}|{now.isoformat()}")
        return False
    if now - datetime.fromisoformat(since) < QUIET:
        return False
    _post(session, recipient, after=begun, up_to=last, problems=problems, mended=told not in ("", standing), now=now)
    _count_as_told(session, last, standing)
    return True


def _count_as_told(session: Session, last: int, standing: str) -> None:
    set_state(session, _THROUGH, f"{last}")
    set_state(session, _TOLD, standing)
    set_state(session, _SEEN, None)


def _fingerprint(problems: Sequence[str]) -> str:
    """The same for the same problems, wherever they have moved to in their files; empty for none."""
    places = sorted({_PLACE.sub(": ", problem) for problem in problems})
    return sha256("\n".join(places).encode()).hexdigest()[:16] if places else ""


def _post(
    session: Session, recipient: str, *, after: int, up_to: int, problems: Sequence[str], mended: bool, now: datetime
) -> None:
    values = {
        "after": f"{after}",
        "up_to": f"{up_to}",
        "problems": "\n".join(problems),
        "mended": "yes" if mended and not problems else "",
    }
    row = MailRow(
        kind=KIND,
        recipient=recipient,
        state="planned",
        slot=now,
        not_before=now,
        notice={"says": KIND, "values": values},
        created_at=now,
    )
    session.add(row)
    session.flush()


def post_weekly(session: Session, *, week: date, now: datetime) -> int:
    """Puts the mail of this week to each account that can act on it into the outbox, once; gives how many.

    The mail names its account alone: what it says is read when it is written.
    """
    take_turn(session.connection(), WEEK)
    if get_state(session, _WEEK_POSTED) == week.isoformat():
        return 0
    set_state(session, _WEEK_POSTED, week.isoformat())
    accounts = [one for one in read_accounts(session) if one.can_sign_in and one.role in ("hr", "admin")]
    session.add_all(
        MailRow(
            kind=KIND,
            recipient=account.email,
            state="planned",
            slot=now,
            not_before=now,
            notice={"says": WEEK, "values": {"account": account.email}},
            created_at=now,
        )
        for account in accounts
    )
    session.flush()
    return len(accounts)


def read_digest(session: Session, values: Mapping[str, str]) -> Digest:
    """What a digest in the outbox says. Of whoever has been erased since, it says nothing."""
    of_config = (
        AuditRow.actor == "config",
        AuditRow.id > int(values["after"]),
        AuditRow.id <= int(values["up_to"]),
    )
    joined = select(AuditRow, LeaderRow.name).join(LeaderRow, LeaderRow.key == AuditRow.leader_key).where(*of_config)
    rows = session.execute(joined.order_by(AuditRow.id).limit(NAMED_CHANGES)).all()
    number = session.scalar(select(func.count()).select_from(joined.subquery())) or 0
    problems = tuple(line for line in values["problems"].splitlines() if line)
    left_out = len(problems) - NAMED_PROBLEMS
    return Digest(
        changes=tuple(_say_change(audit, name) for audit, name in rows),
        more_changes=number - len(rows),
        problems=problems if left_out <= 0 else (*problems[:NAMED_PROBLEMS], f"and {left_out} more"),
        mended=bool(values["mended"]),
    )


def _say_change(audit: AuditRow, name: str) -> str:
    """`Sam Sample (first-100-days): moved, start date: 2027-01-11 → 2027-01-18`."""
    before = cast("Mapping[str, Any]", audit.change.get("before", {}))
    after = cast("Mapping[str, Any]", audit.change.get("after", {}))
    what = "held, since the row is missing" if audit.action == "held" else audit.action.replace("_", " ")
    line = f"{name} ({audit.programme}): {what}"
    if audit.action == "enrolled" and after.get("start_date"):
        return f"{line}, starts {after['start_date']} as {after.get('role')}"
    if audit.action not in ("moved", "role_changed", "updated"):
        return line
    fields = [field for field in after if field in before and field not in ("cohort", "source", "key")]
    changed = "; ".join(f"{field.replace('_', ' ')}: {_say(before[field])} → {_say(after[field])}" for field in fields)
    return f"{line}, {changed}" if changed else line


def _say(value: object) -> str:
    if value is None or value == []:
        return "none"
    return ", ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)
