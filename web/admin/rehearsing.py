"""The rehearsal of a role to look through: every mail of its 100 days, to sample people, as it will read."""

import mimetypes

from fastapi import APIRouter, HTTPException, Response

from web.admin.desk import LookingDesk

START = "index.html"
# Pages have a style sheet and a script of their own, and frame mails. A mail brings its styles and runs nothing.
_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'none'; frame-ancestors 'self'; base-uri 'none'"
)
_MAILS = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; "
    "frame-ancestors 'self'; base-uri 'none'"
)

router = APIRouter(prefix="/admin/rehearsal")


@router.api_route("/{programme}/{role}/{file:path}", methods=["GET", "HEAD"])
def show_rehearsal(desk: LookingDesk, programme: str, role: str, file: str) -> Response:
    """A file of the folder that `rehearse --role` writes. Nobody in it exists, so whoever is signed in may look."""
    known = desk.programmes.get(programme)
    if desk.rehearse is None or known is None or role not in known.roles:
        raise HTTPException(404)
    content = desk.rehearse(known, role).get(file)
    if content is None:
        raise HTTPException(404)
    kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
    policy = _MAILS if file.endswith(".mail.html") else _PAGES
    return Response(content, media_type=kind, headers={"Content-Security-Policy": policy})
