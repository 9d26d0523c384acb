"""A load on the pages: 64 connections that are kept, each asking again as soon as it is answered.

`python -m benchmarks.loading PORT SECONDS`, with a path a line on standard input; one that begins with `press ` is
looked at and then answered. Prints what came of it as JSON. Raw sockets, so that asking costs less than answering.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import cast
from urllib.parse import urlencode

import uvloop

CONNECTIONS = 64
WARMING_SECONDS = 1.0
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_NONCE = re.compile(rb'name="nonce" value="([^"]+)"')
_PRESS = "press "


class Tally:
    """What was answered, and how long each answer took; what was before `since` only counts as acknowledged."""

    def __init__(self, since: float) -> None:
        self.since = since
        self.acknowledged = 0
        self.refused = 0
        self.seconds: list[float] = []

    def count(self, status: bytes, asked_at: float) -> None:
        now = time.perf_counter()
        if status not in (b"200", b"302"):
            self.refused += 1
            return
        self.acknowledged += 1
        if asked_at >= self.since:
            self.seconds.append(now - asked_at)


class Connection(asyncio.Protocol):
    """One connection, from one answer to the next request."""

    def __init__(self, paths: Iterator[str], tally: Tally, until: float) -> None:
        self._paths, self._tally, self._until = paths, tally, until
        self._pressing = ""
        self._asked_at = 0.0
        self._received = bytearray()
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, rest = bytes(self._received).partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if separator else None
        if length is None or len(rest) < int(length[1]):
            return
        self._received.clear()
        self._tally.count(head[9:12], self._asked_at)
        nonce = _NONCE.search(rest) if self._pressing else None
        if nonce is not None:
            path, self._pressing = self._pressing, ""
            self._ask("POST", path, urlencode({"nonce": nonce[1].decode(), "answer": "using"}))
        elif time.perf_counter() < self._until:
            self._ask_next()
        else:
            self._transport.close()

    def _ask_next(self) -> None:
        path = next(self._paths)
        self._pressing = path.removeprefix(_PRESS) if path.startswith(_PRESS) else ""
        self._ask("GET", self._pressing or path)

    def _ask(self, method: str, path: str, body: str = "") -> None:
        sent = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
        self._asked_at = time.perf_counter()
        self._transport.write(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {AGENT}\r\n{sent}\r\n{body}".encode()
        )


async def load(port: int, seconds: float, paths: list[str]) -> Tally:
    """Asks for so long, after warming up."""
    since = time.perf_counter() + WARMING_SECONDS
    tally, turn, loop = Tally(since), cycle(paths), asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Connection(turn, tally, since + seconds), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(connection.over for _, connection in opened))
    return tally


def main(port: str, seconds: str) -> None:
    tally = uvloop.run(load(int(port), float(seconds), sys.stdin.read().split("\n")))
    taken = sorted(tally.seconds)
    print(
        json.dumps(
            {
                "acknowledged": tally.acknowledged,
                "refused": tally.refused,
                "per_second": len(taken) / float(seconds),
                "p50": taken[len(taken) // 2],
                "p99": taken[len(taken) * 99 // 100],
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
