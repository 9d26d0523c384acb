"""The pages served by a process of their own, to be killed, run as `python -m tests.torture.receiver URL`.

It says its port on standard output once it listens.
"""

import sys
from datetime import UTC, datetime

from config.settings import Settings
from emails.links import Links
from models.database import open_database
from tests.builders import build_programme
from tests.integration.web.scene import PROGRAMME, SECRET
from web.app import create_app
from web.serve import listen, serve
from web.site import Site


def main(url: str) -> None:
    """Serves until it is killed or told to stop."""
    programmes = {PROGRAMME: build_programme()}
    settings = Settings()
    database = open_database(url)
    site = Site(
        database=database,
        settings=settings,
        programmes=lambda: programmes,
        links=Links(settings.public_url, (SECRET,)),
        now=lambda: datetime.now(UTC),
    )
    with listen("127.0.0.1", 0) as listener:
        print(listener.getsockname()[1], flush=True)
        serve(create_app(site), listener=listener)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1])
