"""Add a starter: a form, a look at what would come of it, Save, the receipt, and Undo until the first mail has left."""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Response
from sqlalchemy import select

from config.problems import ConfigError, errors_among
from config.reading.leader_rows import REQUIRED_KEYS
from emails.compose import ComposeError
from models.matching import RosterError
from models.savings import ADDED, Receipt, read_receipt
from models.tables import EnrolmentRow, LeaderRow
from models.taking_back import count_tried, find_leader_id
from scheduler.enrolling import NotInForceError, Registry
from scheduler.undoing import TooLateError, undo
from web.admin.desk import Desk, KeepingDesk, LookingDesk
from web.admin.proposing import (
    Preview,
    find_pressed,
    get_registry,
    press_save,
    preview,
    propose,
    say_broken,
    say_unfinished,
    say_wanted,
)
from web.admin.starter_form import (
    EMPTY,
    LABELS,
    StarterForm,
    find_missing,
    make_wish,
    read_form,
    tell_problems,
)
from web.admin.wording import say_instant
from web.site import GivenSite

_DAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}
_DONE = {"taken-back": "Taken back: no row, no enrolment, and no mail has left."}
_MORE = [key for key in LABELS if key not in REQUIRED_KEYS]  # folded away
GivenForm = Annotated[StarterForm, Depends(read_form)]

router = APIRouter(prefix="/admin/starters")


@router.api_route("/new", methods=["GET", "HEAD"])
def show_form(desk: LookingDesk, site: GivenSite, done: str = "") -> Response:
    """An empty form; for an account of one organisation that stands there."""
    get_registry(site.registry)
    if not desk.may("hr"):
        raise HTTPException(403)
    return _form(desk, EMPTY, done=_DONE.get(done, ""))


@router.post("/new")
def press_form(
    desk: KeepingDesk,
    site: GivenSite,
    form: GivenForm,
    press: Annotated[Literal["look", "change", "save"], Form()] = "look",
    token: Annotated[str, Form(max_length=100)] = "",
    seen: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Look at what would come of it, go back to the form, or save."""
    registry = get_registry(site.registry)
    if press == "change":
        return _form(desk, form)
    if press == "save" and token:
        return _save(desk, registry, form, token=token, seen=seen)
    return _look(desk, registry, form, token=token or site.new_token())


def _look(desk: Desk, registry: Registry, form: StarterForm, *, token: str, problem: str = "") -> Response:
    wish, paths = make_wish(form)
    inspection = registry.inspect()
    if errors_among(inspection.problems):
        return _form(desk, form, broken=say_broken(desk, ConfigError(inspection.problems)))
    try:
        proposal = propose(desk, registry, inspection, [wish])
        shown = preview(desk, registry, proposal)
    except ConfigError as error:
        return _form(desk, form, problems=_merge(tell_problems(error.errors, paths), form))
    except (RosterError, ComposeError) as error:
        return _form(desk, form, problems={"": str(error)})
    return _preview(desk, form, shown, token=token, problem=problem)


def _merge(told: Mapping[str, str], form: StarterForm) -> dict[str, str]:
    """What is missing is asked for in the form's own words."""
    return {**told, **{key: words for key, words in find_missing(form).items() if key in told}}


def _save(desk: Desk, registry: Registry, form: StarterForm, *, token: str, seen: str) -> Response:
    """Saves, or shows what is in the way; a press that was made before leads to its receipt."""
    wish, _ = make_wish(form)
    problem = ""
    for _ in range(2):  # the second time where somebody wrote into the file just between reading and writing
        inspection = registry.inspect()
        try:
            proposal = propose(desk, registry, inspection, [wish])
            pressed = find_pressed(desk, registry, proposal, token)
            pressed = pressed or press_save(desk, registry, proposal, token=token, seen=seen)
        except NotInForceError as error:
            return _look(desk, registry, form, token=token, problem=say_unfinished(desk, error))
        except ConfigError as error:
            problem = str(error.errors[0]) if error.errors else str(error)
            continue
        if pressed.receipt is not None:
            return desk.send_to(f"/admin/starters/saved/{pressed.receipt}")
        return _look(desk, registry, form, token=token, problem=pressed.problem)
    return _look(desk, registry, form, token=token, problem=problem)


# ---------------------------------------------------------------- shown


def _form(
    desk: Desk,
    form: StarterForm,
    *,
    problems: Mapping[str, str] | None = None,
    broken: list[str] | None = None,
    done: str = "",
) -> Response:
    found = dict(problems or {})
    return desk.render(
        "starter.html",
        status=400 if found or broken else 200,
        form=form,
        done=done,
        problem=bool(found or broken),
        problems=found,
        more_open=any(key in found or form.texts.get(key) or form.lists.get(key) for key in _MORE),
        broken=broken or [],
        labels=LABELS,
        days=_DAYS,
        choices=desk.programmes,
        roles=desk.name_roles(),
        paces=sorted({pace for programme in desk.programmes.values() for pace in programme.paces}),
    )


def _preview(desk: Desk, form: StarterForm, shown: Preview, *, token: str, problem: str) -> Response:
    (wanted,) = shown.proposal.wanted
    return desk.render(
        "starter_preview.html",
        status=409 if problem else 200,
        form=form,
        shown=shown,
        wanted=wanted,
        changes=say_wanted(desk, wanted),
        warnings=[warning.message for warning in shown.proposal.warnings],
        problem=problem,
        token=token,
    )


# ---------------------------------------------------------------- the receipt


@router.api_route("/saved/{number}", methods=["GET", "HEAD"])
def show_receipt(desk: LookingDesk, number: int) -> Response:
    """What one press of Save wrote, and the button that takes it back."""
    if not desk.may("hr"):
        raise HTTPException(403)
    return _receipt(desk, number)


@router.post("/saved/{number}/undo")
def undo_saved(desk: KeepingDesk, site: GivenSite, number: int) -> Response:
    """Take the new leaders of a receipt back out, all or none of them."""
    registry = get_registry(site.registry)
    receipt = _find_receipt(desk, number)
    try:
        undo(registry, receipt.rows, account=desk.account.email, now=desk.now)
    except TooLateError as error:
        return _receipt(desk, number, problem=f"{error}. To end it, withdraw them on their page.")
    except ConfigError as error:
        return _receipt(desk, number, problem=say_broken(desk, error)[0])
    except NotInForceError as error:
        return _receipt(desk, number, problem=say_unfinished(desk, error))
    return desk.send_to("/admin/starters/new?done=taken-back")


def _find_receipt(desk: Desk, number: int) -> Receipt:
    with desk.reading() as session:
        receipt = read_receipt(session, number)
    if receipt is None or not receipt.rows:
        raise HTTPException(404)
    return receipt


def _receipt(desk: Desk, number: int, *, problem: str = "") -> Response:
    receipt = _find_receipt(desk, number)
    keys = [row.key for row in receipt.rows]
    with desk.reading() as session:
        found = session.execute(
            select(LeaderRow.key, LeaderRow.name, LeaderRow.email, EnrolmentRow.id)
            .join(EnrolmentRow, EnrolmentRow.leader_id == LeaderRow.id)
            .where(LeaderRow.key.in_(keys))
            .order_by(EnrolmentRow.id)
        ).all()
        new = [row.key for row in receipt.rows if row.action == ADDED and row.key in {key for key, *_ in found}]
        numbers = [find_leader_id(session, key) for key in new]
        left = sum(count_tried(session, number) > 0 for number in numbers if number is not None)
    return desk.render(
        "saved.html",
        status=409 if problem else 200,
        problem=problem,
        receipt=receipt,
        number=number,
        at=say_instant(receipt.at),
        leaders=found,
        new=new,
        left=left,
        gone=bool(receipt.rows) and not found,
    )
