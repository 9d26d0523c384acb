"""Many leaders paused, resumed or withdrawn at once: asked about with numbers first, then done in one transaction."""

import re
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Query, Response

from emails.letter import Letter
from emails.links import Links
from emails.noticing import write_notice
from emails.occasion import Occasion, token_values
from emails.problems import ComposeError
from emails.words import write_date
from models.choices import ChoiceError, check_last_day
from models.domain import Notice
from web.admin.crowd import MOST, Action, Crowd, Wish, carry_out, sort_out
from web.admin.desk import Desk, KeepingDesk, LookingDesk
from web.admin.finding import Search, find_ids
from web.fields import read_date, read_note, say

_LONGEST_WHY = 200
_IDS = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})*")  # numbers with dots between, which a form sends as they are
_NO_SECRET = b"a secret that signs nothing that anybody is given"
_Count = Annotated[int, Query(ge=0, le=MOST)]

router = APIRouter(prefix="/admin/leaders/many")


@router.post("")
def change_many(
    desk: KeepingDesk,
    action: Annotated[Action, Form()],
    whom: Annotated[Literal["ticked", "found"], Form()] = "ticked",
    chosen: Annotated[list[int] | None, Form()] = None,
    ids: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
    q: Annotated[str, Form(max_length=200)] = "",
    role: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
    cohort: Annotated[str, Form()] = "",
    status: Annotated[str, Form()] = "",
) -> Response:
    """Ask, with the numbers; and do it once that was pressed, to those who were asked about and to nobody else."""
    search = Search(words=q, role=role, organisation=organisation, cohort=cohort, status=status)
    back = search.at_page(1)
    try:
        last = read_date(until) if action == "pause" else None
        check_last_day(last, today=desk.now.date())
        numbers = _read_ids(ids) if ids else _find(desk, search) if whom == "found" else list(set(chosen or ()))
        if not numbers:
            raise ChoiceError("nobody was chosen: tick somebody in the list, or choose all that it finds")
        if len(numbers) > MOST:
            raise ChoiceError(f"{len(numbers)} are too many at once, {MOST} are the most: narrow the search")
        wish = Wish(action=action, ids=tuple(numbers), until=last, why=" ".join(read_note(why).split())[:_LONGEST_WHY])
        if sure != "yes":
            return _ask(desk, wish, back=back)
        counts = desk.write(lambda session: carry_out(session, desk, wish))
    except ChoiceError as error:
        return desk.render("many_problem.html", status=400, problem=say(error), back=back)
    told = {"action": action, **{fate: count for fate, count in counts.items() if count}}
    return desk.send_to(f"/admin/leaders/many?{urlencode(told)}")


@router.api_route("", methods=["GET", "HEAD"])
def show_receipt(
    desk: LookingDesk,
    action: Action,
    changes: _Count = 0,
    already: _Count = 0,
    left: _Count = 0,
    completed: _Count = 0,
) -> Response:
    """What was done, in numbers."""
    return desk.render(
        "many_done.html",
        action=action,
        counts={"changes": changes, "already": already, "left": left, "completed": completed},
    )


def _ask(desk: Desk, wish: Wish, *, back: str) -> Response:
    with desk.reading() as session:
        crowd = sort_out(session, desk, wish)
    return desk.render(
        "many.html",
        wish=wish,
        crowd=crowd,
        counts={"already": 0, "left": 0, "completed": 0, **crowd.counts},
        until=None if wish.until is None else write_date(wish.until),
        ids=".".join(str(number) for number in wish.ids),
        letter=_write_specimen(desk, crowd, wish),
        back=back,
    )


def _read_ids(ids: str) -> list[int]:
    if not _IDS.fullmatch(ids):
        raise HTTPException(422)
    return sorted({int(number) for number in ids.split(".")})


def _find(desk: Desk, search: Search) -> list[int]:
    """Everybody whom the list shows for this search, on all of its pages."""
    desk.freshen()
    with desk.reading() as session:
        return find_ids(session, search, now=desk.now)


def _write_specimen(desk: Desk, crowd: Crowd, wish: Wish) -> Letter | None:
    """What the first of those who are written to will read; None where nobody is."""
    programme = desk.programmes.get(crowd.changes[0].programme) if crowd.changes else None
    if programme is None or wish.action == "withdraw":
        return None
    enrolment = crowd.changes[0]
    end = {} if wish.until is None else {"until": f"{wish.until}"}
    notice = Notice(says="paused" if wish.action == "pause" else "resumed", values={**end, "by": "admin"})
    try:
        occasion = Occasion(
            settings=desk.settings,
            links=Links(desk.settings.public_url, (_NO_SECRET,)),  # its links are not shown, and would lead nowhere
            programme=programme,
            enrolment=enrolment,
            mail_id=0,
            values=token_values(desk.settings, programme, enrolment),
        )
        return write_notice(occasion, notice)
    except ComposeError:
        return None
