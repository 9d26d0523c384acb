"""A process that tells webhooks what is due at an instant, until somebody kills it: `python -m … DATABASE INSTANT`."""

import sys
from datetime import datetime

from models.database import open_database
from scheduler.webhooks.courier import Courier, deliver_due
from scheduler.webhooks.posting import Outlet, trust
from tests.integration.webhooks.stage import LOOPBACK, SECRETS


def main(url: str, instant: str) -> None:
    """One pass."""
    now = datetime.fromisoformat(instant)
    courier = Courier(
        database=open_database(url),
        secrets=SECRETS,
        outlet=Outlet(trusted=trust(None), allowed=LOOPBACK),
        new_token=lambda: "victim",
        clock=lambda: now,
    )
    deliver_due(courier)


if __name__ == "__main__":
    main(*sys.argv[1:])
