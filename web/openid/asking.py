"""A provider asked over HTTP: with little patience, for no more than it should need, and nowhere but where we meant."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx2

STEP_SECONDS = 5.0  # to connect, and between two pieces of an answer
WHOLE_SECONDS = 10.0  # for one answer
MOST_BYTES = 256 * 1024
MOST_AT_ONCE = 32
_HEADERS = {"User-Agent": "First100", "Accept": "application/json", "Accept-Encoding": "identity"}


class UnreachableError(Exception):
    """The provider did not answer, or not in a way that can be used. The message says what it did, for the log."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    document: Mapping[str, Any]


class Asker:
    """Asks one provider. Lives in the event loop, which it never holds up."""

    def __init__(self) -> None:
        self._asking = 0
        self._trust = httpx2.create_ssl_context()  # reading the certificates takes 25 ms: once, and not in the loop

    async def ask(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        auth: httpx2.Auth | None = None,
        bearer: str | None = None,
    ) -> Answer:
        """The JSON object that is there, whatever its status. Raises UnreachableError."""
        if self._asking >= MOST_AT_ONCE:
            raise UnreachableError(f"{MOST_AT_ONCE} questions are waiting for its answer already")
        self._asking += 1
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._ask(method, url, form=form, auth=auth, bearer=bearer)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise UnreachableError(f"{url} gave no answer in time") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            raise UnreachableError(f"{url} cannot be reached ({type(error).__name__})") from error
        finally:
            self._asking -= 1

    async def _ask(
        self, method: str, url: str, *, form: Mapping[str, str] | None, auth: httpx2.Auth | None, bearer: str | None
    ) -> Answer:
        headers = _HEADERS | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        async with (
            httpx2.AsyncClient(verify=self._trust, timeout=STEP_SECONDS, follow_redirects=False) as client,
            client.stream(method, url, data=form, auth=auth, headers=headers) as response,
        ):
            if response.headers.get("content-encoding", "identity") != "identity":
                raise UnreachableError(f"{url} packed its answer, though asked not to")
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise UnreachableError(f"{url} answers with more than {MOST_BYTES // 1024} KiB")
        try:
            document: object = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UnreachableError(f"{url} answers {response.status_code}, and not in JSON") from error
        if not isinstance(document, dict):
            raise UnreachableError(f"{url} answers {response.status_code}, and with no JSON object")
        return Answer(response.status_code, cast("dict[str, Any]", document))
