"""Who knocks: a request as an event of the raw log, with nothing in it that names a place on the network."""

from fastapi import Request

from emails.links import Links

_LONGEST_AGENT = 300
_LONGEST_PURPOSE = 40
_PURPOSE_HEADERS = ("sec-purpose", "purpose", "x-moz")


def describe_agent(request: Request) -> str:
    """The browser's or program's name for itself, printable and cut to what the log holds."""
    return _clean(request.headers.get("user-agent", ""))[:_LONGEST_AGENT]


def describe_purpose(request: Request) -> str:
    """What the request says it is for, when it says so: a fetch ahead of time does."""
    said = (request.headers.get(name) for name in _PURPOSE_HEADERS)
    return _clean(next((purpose for purpose in said if purpose), ""))[:_LONGEST_PURPOSE]


def describe_origin(request: Request, links: Links) -> str:
    """A keyed hash of the address the request came from: enough to see two hits belong together, and no more."""
    return links.fingerprint(f"origin\n{request.client.host if request.client else ''}")


def _clean(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
