"""Many leaders at once: what an action does to each is decided to ask about it, and once more when it is done.

Each is changed as on the page of one leader.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.among import among
from models.choices import pause, resume, withdraw
from models.domain import Enrolment, Status
from models.tables import PauseRow
from reports.kept import read_each
from scheduler.calendar import local_date
from web.admin.desk import Desk

MOST = 1000  # leaders at once: they change in one transaction, while everybody else's presses wait

Action = Literal["pause", "resume", "withdraw"]
Fate = Literal["changes", "already", "left", "completed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be done to whom."""

    action: Action
    ids: tuple[int, ...]  # of enrolments
    until: date | None = None  # of a pause, its last day
    why: str = ""  # of a withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What a wish will do. `changes`: to whom it does something, in the order in which it is done."""

    changes: tuple[Enrolment, ...]
    counts: Mapping[Fate, int]
    self_paused: int  # of those that change: they began their pause themselves


def decide(action: Action, status: Status, ends: Collection[date | None], *, until: date | None) -> Fate:
    """What an action does to one leader. `ends`: the last day of each pause that is not over; None: it has no end.

    A pause is never made shorter.
    """
    if action == "withdraw" and status == "withdrawn":
        return "already"
    if status == "withdrawn":
        return "left"
    if status == "completed":
        return "completed"
    if action == "pause" and any(end is None or (until is not None and end >= until) for end in ends):
        return "already"
    if action == "resume" and not ends:
        return "already"
    return "changes"


def sort_out(session: Session, desk: Desk, wish: Wish) -> Crowd:
    """What the wish will do as things stand; a page that is not there where one of them is not the account's."""
    found = desk.find_enrolments(session, wish.ids) if all(number < 2**31 for number in wish.ids) else ()
    if len(found) != len(wish.ids):
        raise HTTPException(404)
    rows = read_each(session, desk.report_context(session), wish.ids)
    pauses = _read_pauses(session, found, desk)
    fates: dict[int, Fate] = {
        enrolment.id: decide(
            wish.action, rows[enrolment.id].status, [last for last, _ in pauses[enrolment.id]], until=wish.until
        )
        for enrolment in found
    }
    changes = [enrolment for enrolment in found if fates[enrolment.id] == "changes"]
    changes.sort(key=lambda enrolment: (enrolment.leader.key, enrolment.id))  # leaders are always locked in one order
    return Crowd(
        changes=tuple(changes),
        counts=Counter(fates.values()),
        self_paused=sum(any(by == "leader" for _, by in pauses[enrolment.id]) for enrolment in changes),
    )


def carry_out(session: Session, desk: Desk, wish: Wish) -> Counter[Fate]:
    """Do it; gives how many met which fate. Whoever has changed meanwhile by other hands counts as so already."""
    crowd = sort_out(session, desk, wish)
    act = _choose(desk, wish)
    done = sum(act(session, enrolment.id) for enrolment in crowd.changes)
    counts = Counter(crowd.counts)
    counts["already"] += counts["changes"] - done
    counts["changes"] = done
    return counts


def _choose(desk: Desk, wish: Wish) -> Callable[[Session, int], bool]:
    account = desk.account.email
    if wish.action == "pause":
        return partial(pause, now=desk.now, until=wish.until, actor="admin", account=account)
    if wish.action == "resume":
        return partial(resume, now=desk.now, actor="admin", account=account)
    return partial(withdraw, now=desk.now, account=account, why=wish.why)


def _read_pauses(
    session: Session, enrolments: Sequence[Enrolment], desk: Desk
) -> Mapping[int, list[tuple[date | None, str]]]:
    """The last day of each pause that is not over, and who began it."""
    today = {enrolment.id: local_date(enrolment.leader, desk.now) for enrolment in enrolments}
    rows = select(PauseRow.enrolment_id, PauseRow.last, PauseRow.by).where(among(PauseRow.enrolment_id, today))
    found: dict[int, list[tuple[date | None, str]]] = defaultdict(list)
    for enrolment_id, last, by in session.execute(rows):
        if last is None or last >= today[enrolment_id]:
            found[enrolment_id].append((last, by))
    return found
