"""The headers that every answer carries."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in _SECURITY.items()]


def add_security(headers: MutableHeaders) -> None:
    """Adds the headers that are not there yet."""
    there = {name for name, _ in headers.raw}
    headers.raw.extend(header for header in _RAW if header[0] not in there)


class SecureHeaders:
    """Gives every answer the headers that keep a page from being framed, scripted, kept or found."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        """`https`: the pages are reached by it, and browsers are told never to come without."""
        self._app = app
        self._more = {"Strict-Transport-Security": "max-age=31536000"} if https else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                add_security(headers)
                headers.update(self._more)
            await send(message)

        await self._app(scope, receive, send_with_headers)
