"""What the programmes hold: how each tip and resource fares, and in what order a role meets them."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Response

from models.domain import Role
from reports.items import ITEMS
from web.admin.desk import LookingDesk
from web.admin.wording import name_item

router = APIRouter(prefix="/admin")


@router.api_route("/items", methods=["GET", "HEAD"])
def show_items(desk: LookingDesk) -> Response:
    """The report `items`, over the leaders that the account sees."""
    with desk.reading() as session:
        sheet = ITEMS.lay_out(ITEMS.read(session, desk.report_context(session)))
    titles = {item.id: item.title for programme in desk.programmes.values() for item in programme.items.values()}
    figures = replace(sheet, rows=tuple((titles.get(str(item), item), *cells) for item, *cells in sheet.rows))
    return desk.render("items.html", figures=figures)


@router.api_route("/programme", methods=["GET", "HEAD"])
def show_programme(desk: LookingDesk, programme: str = "", role: str = "") -> Response:
    """The sequence of one role: the day aimed at, the item, why it stands there."""
    programmes = desk.programmes
    chosen = programmes.get(programme) or next(iter(programmes.values()), None)
    roles: Mapping[str, Role] = {} if chosen is None else chosen.roles
    own = roles.get(role) or next(iter(roles.values()), None)
    steps = () if own is None else sorted(own.steps, key=lambda step: step.day)
    return desk.render(
        "programme.html",
        programmes=[(known.id, known.name) for known in programmes.values()],
        programme=chosen,
        roles=[(known.id, known.name) for known in roles.values()],
        role=own,
        steps=[
            {
                "day": step.day,
                "title": name_item(chosen, step.item),
                "kind": "–" if chosen is None or step.item not in chosen.items else chosen.items[step.item].kind,
                "riders": [name_item(chosen, rider) for rider in step.riders],
                "why": step.why,
            }
            for step in steps
        ],
        pace=None if chosen is None or own is None else chosen.paces.get(own.pace),
    )
