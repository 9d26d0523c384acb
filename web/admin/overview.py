"""The overview: what goes on, and who needs a person."""

from fastapi import APIRouter, Response

from web.admin.desk import LookingDesk

router = APIRouter(prefix="/admin")


@router.api_route("", methods=["GET", "HEAD"])
def show_overview(desk: LookingDesk) -> Response:
    """The first page after signing in."""
    return desk.render("overview.html")
