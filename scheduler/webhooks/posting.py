"""One message posted: signed, to a checked address, with a deadline for all of it, and what was answered.

No redirect is followed, and of the answer's body no more is read than it takes to use the connection again.
"""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpcore2

from scheduler.webhooks.connecting import CheckedNetwork
from scheduler.webhooks.destinations import Destination, DestinationError, Network, check_url
from scheduler.webhooks.resting import read_retry_after
from scheduler.webhooks.signing import sign
from scheduler.webhooks.telling import Message

ANSWER_SECONDS = 15.0  # from the first look-up to the status
_REST_SECONDS = 1.0  # for the rest of the answer, once its status is known
_MOST_READ = 16 * 1024  # octets
_GONE = 410
_AGENT = "First100-Webhooks/1"
_UNANSWERED = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side said. `status` None: nothing; `asked`: for how long it wants to be left alone."""

    status: int | None = None
    why: str = ""
    asked: timedelta | None = None

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == _GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """By which ways messages may leave. `local_only`: to this machine alone, as on a virtual clock."""

    trusted: ssl.SSLContext
    allowed: tuple[Network, ...] = ()
    local_only: bool = False
    answer_seconds: float = ANSWER_SECONDS


def trust(ca: Path | None) -> ssl.SSLContext:
    """The certificates that a webhook's own is checked against: the machine's, and those of the file.

    Raises OSError, of which ssl.SSLError is one, where the file cannot be read.
    """
    trusted = ssl.create_default_context()
    if ca is not None:
        trusted.load_verify_locations(cafile=ca)
    return trusted


class Line:
    """A connection to one webhook, opened when it is first needed, and kept for the next message."""

    def __init__(self, outlet: Outlet, url: str) -> None:
        self._outlet = outlet
        self._to = url
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def close(self) -> None:
        """Let the connection go."""
        if self._pool is not None:
            await self._pool.aclose()

    async def post(self, message: Message, secrets: Iterable[bytes], *, now: datetime) -> Answer:
        """The answer, or why there is none."""
        timestamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": _AGENT,
            "webhook-id": message.id,
            "webhook-timestamp": f"{timestamp}",
            "webhook-signature": sign(secrets, message_id=message.id, timestamp=timestamp, body=message.body),
        }
        answer: Answer | None = None
        try:
            to = check_url(self._to, allowed=self._outlet.allowed)
            pool = self._pool = self._pool or self._open(to)
            url = httpcore2.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.target)
            sent = [("host", to.authority), *headers.items()]
            async with asyncio.timeout(self._outlet.answer_seconds) as deadline:
                async with pool.stream("POST", url, headers=sent, content=message.body) as response:
                    answer = _read_answer(response, now=now)
                    deadline.reschedule(asyncio.get_running_loop().time() + _REST_SECONDS)
                    await _read_on(response)
        except TimeoutError:
            return answer or Answer(why=f"no answer within {self._outlet.answer_seconds:g} s")
        except DestinationError as error:
            return Answer(why=str(error))
        except _UNANSWERED as error:
            return answer or Answer(why=f"no connection: {error}".removesuffix(": "))
        return answer

    def _open(self, to: Destination) -> httpcore2.AsyncConnectionPool:
        network = CheckedNetwork(scheme=to.scheme, allowed=self._outlet.allowed, local_only=self._outlet.local_only)
        return httpcore2.AsyncConnectionPool(self._outlet.trusted, max_connections=1, network_backend=network)


def _read_answer(response: httpcore2.Response, *, now: datetime) -> Answer:
    headers = {name.lower(): value.decode("ascii", "replace") for name, value in response.headers}
    status = response.status
    why = "" if 200 <= status < 300 else f"answered {status}"
    if 300 <= status < 400:
        why += "; redirects are not followed, so register the address where it ends"
    return Answer(status=status, why=why, asked=read_retry_after(headers.get(b"retry-after"), now=now))


async def _read_on(response: httpcore2.Response) -> None:
    """The rest of the answer, which says nothing to us; of one that is too long the connection is given up."""
    octets = 0
    async for part in response.aiter_stream():
        octets += len(part)
        if octets > _MOST_READ:
            return
