"""A process that takes replies in and may be told to die: after a mail was dealt with, before anybody knows.

    python -m tests.torture.doorkeeper DATABASE lmtp PORT die|live
    python -m tests.torture.doorkeeper DATABASE imap PORT USER die|live

Over LMTP it goes on until its standard input ends.
"""

import os
import signal
import sys
from contextlib import closing

from config.settings import Settings
from emails.doors import ImapDoor, LmtpDoor
from emails.imap import collect
from emails.links import Links
from emails.lmtp import open_lmtp
from models.database import open_database
from scheduler.receiving import Reception, receive
from tests.dovecot import PASSWORD
from tests.integration.replies.stage import READ_AT, SECRET


def main(address: str, way: str, port: int, *rest: str) -> None:
    settings = Settings(public_url="https://nudges.example.org")
    with closing(open_database(address)) as database:
        reception = Reception(
            database=database,
            settings=settings,
            links=Links(settings.public_url, (SECRET,)),
            tracking=lambda: {"first-100-days": "ask"},
            roster=tuple,
            now=lambda: READ_AT,
        )

        def take(raw: bytes) -> str:
            outcome = receive(reception, raw)
            if rest[-1] == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            return outcome

        if way == "imap":
            door = ImapDoor(host="127.0.0.1", port=port, encrypted=False, user=rest[0], password=PASSWORD)
            print(dict(collect(door, take)))
        else:
            with open_lmtp(LmtpDoor("127.0.0.1", port), lambda raw, sender, to: take(raw)):
                print("ready", flush=True)
                sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
