"""The pages on a database of a benchmark's own, in a process of their own: `python -m benchmarks.serving URL WAY`.

It says its port once it listens. WAY is `together`, the product's writer, or `each`: a commit a request.
"""

import asyncio
import gc
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from config.load import load_programme
from config.settings import Settings
from emails.links import Links
from models.database import open_database
from models.writer import Given, Wish, Work, WorkOnMany, Writer
from web.app import create_app
from web.serve import listen, serve
from web.site import Site

PROGRAMME = Path(__file__).parents[1] / "config" / "first-100-days"
SECRET = b"a key for benchmarks, and no other"
THREADS = 40  # as many as Starlette has for routes that wait


class EachAlone(Writer):
    """The peer: every request in a transaction of its own."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        super().__init__(sessions)
        self._each = sessions
        self._threads = ThreadPoolExecutor(THREADS)

    def run(self, work: Work[Given]) -> Given:
        with self._each.begin() as session:
            return work(session)

    def submit(self, work: Work[Given]) -> Future[Given]:
        return self._threads.submit(self.run, work)

    def submit_among(self, work: WorkOnMany[Wish, Given], wish: Wish) -> asyncio.Future[Given]:
        return asyncio.wrap_future(self.submit(lambda session: work(session, [wish])[0]))

    def close(self) -> None:
        self._threads.shutdown()


def main(url: str, way: str) -> None:
    """Serves until it is told to stop."""
    database = open_database(url)
    if way == "each":
        database = replace(database, writer=EachAlone(database.sessions))
    settings = Settings()
    programme = load_programme(PROGRAMME)
    programmes = {programme.id: programme}
    site = Site(
        database=database,
        settings=settings,
        programmes=lambda: programmes,
        links=Links(settings.public_url, (SECRET,)),
        now=lambda: datetime.now(UTC),
    )
    gc.freeze()  # as `run` does
    with listen("127.0.0.1", 0) as listener:
        print(listener.getsockname()[1], flush=True)
        serve(create_app(site), listener=listener)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
