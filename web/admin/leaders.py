"""All leaders: searched, filtered, in order, a page at a time."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from web.admin.desk import LookingDesk
from web.admin.finding import SORT_NAMES, Search, find

_FARTHEST_PAGE = 1_000_000

router = APIRouter(prefix="/admin")


@router.api_route("/leaders", methods=["GET", "HEAD"])
def show_leaders(
    desk: LookingDesk,
    q: Annotated[str, Query(max_length=200)] = "",
    role: str = "",
    organisation: str = "",
    cohort: str = "",
    status: str = "",
    sort: str = "name",
    page: Annotated[int, Query(ge=1, le=_FARTHEST_PAGE)] = 1,
) -> Response:
    """A line for each enrolment, as in the report `leaders`."""
    search = Search(words=q, role=role, organisation=organisation, cohort=cohort, status=status, sort=sort, page=page)
    desk.freshen()
    with desk.reading() as session:
        found = find(session, search, now=desk.now)
    return desk.render(
        "leaders.html",
        search=search,
        found=found,
        sorts=SORT_NAMES,
        roles=desk.name_roles(),
        several=len(desk.programmes) > 1,
    )
