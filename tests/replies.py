"""Replies as mail programs write them."""

from collections.abc import Mapping

OURS = "<7.0123456789abcdef01234567@example.org>"
QUOTED = '<div id="divRplyFwdMsg">From: First100</div><blockquote>pause, change, leave: stop</blockquote>'
TAIL = """\


On Tue, 12 Jan 2027 at 08:30, First100 <first100@example.org> wrote:
> Listen first
> ============
> Pause, change, leave, or see how your data is kept:
> stop
"""


def write_reply(
    words: str = "",
    *,
    html: str = "",
    headers: Mapping[str, str | None] | None = None,
    to: str = OURS,
    number: int = 1,
) -> bytes:
    """A reply by Sam Sample with our mail quoted below it. `headers`: in place of the usual ones; None: without it."""
    given: dict[str, str | None] = {
        "From": "Sam Sample <sam.sample@example.org>",
        "To": "First100 <first100@example.org>",
        "Subject": "Re: About listen-first",
        "Date": "Tue, 12 Jan 2027 12:59:00 +0000",
        "Message-ID": f"<reply-{number}@mail.example.org>",
        "In-Reply-To": to,
        "References": to,
        "MIME-Version": "1.0",
        "Content-Type": f"text/{'html' if html else 'plain'}; charset=utf-8",
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value is not None)
    body = html or words + TAIL
    return (head + "\r\n" + body.replace("\n", "\r\n")).encode("utf-8")
