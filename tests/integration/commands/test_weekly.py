"""The week's mail to HR and admins: who needs a person, told once, on Monday morning, to those who may know."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from commands.opening import open_house
from models.accounts import AccountRole, put_account, set_password
from models.database import Database
from models.digests import post_weekly
from models.tables import MailRow
from rehearsal.mailbox import read_mailbox
from scheduler.tick import run_tick
from tests.integration.commands.house import ROW, House

KIM = ROW.replace("Sam Sample", "Kim Example").replace("sam.sample", "kim.example")
MONDAY = datetime(2026, 12, 14, 8, 30, tzinfo=UTC)
Tick = Callable[[datetime], None]


def add_account(
    database: Database,
    email: str,
    *,
    role: AccountRole = "hr",
    organisations: Sequence[str] = (),
    invited: bool = False,
) -> None:
    now = datetime(2026, 12, 7, tzinfo=UTC)
    with database.sessions.begin() as session:
        put_account(session, email, role=role, organisations=organisations, link=email, now=now)
        if not invited:
            set_password(session, email, "a hash", now=now)


@pytest.fixture
def rows() -> str:
    return ROW + KIM.replace("Example Hospitals", "Moor Trust")


@pytest.fixture
def tick(house: House, rows: str) -> Iterator[Tick]:
    """A running service with accounts of each kind; then Kim's row goes missing, which a person should look at."""
    house.write_roster(rows)
    with open_house(house.wiring()) as opened:

        def tick_at(now: datetime) -> None:
            house.now = now
            run_tick(opened.installation, now=now)

        tick_at(house.now)
        add_account(opened.database, "ada@example.org", role="admin")
        add_account(opened.database, "moor@example.org", organisations=("Moor Trust",))
        add_account(opened.database, "other@example.org", organisations=("Example Hospitals",))
        add_account(opened.database, "viewer@example.org", role="viewer")
        add_account(opened.database, "invited@example.org", role="admin", invited=True)
        house.write_roster(ROW)
        tick_at(MONDAY.replace(hour=7))
        yield tick_at


def told(house: House) -> dict[str, tuple[str, str]]:
    """Subject and text by recipient, of mails to accounts; nobody gets two."""
    mails = [mail for mail in read_mailbox(house.mailbox) if "leader" in mail.subject or "Something" in mail.subject]
    found = {mail.recipient: (mail.subject, " ".join(mail.text.split())) for mail in mails}
    assert len(found) == len(mails)
    return found


def test_on_monday_morning_each_account_is_told_who_needs_a_person_among_its_own(house: House, tick: Tick) -> None:
    assert told(house) == {}
    tick(MONDAY)
    found = told(house)
    assert set(found) == {"ada@example.org", "moor@example.org"}
    subject, text = found["moor@example.org"]
    assert subject == "1 leader needs you"
    assert "Kim Example, Moor Trust: " in text
    assert "http://127.0.0.1:8100/admin" in text
    assert "Sam Sample" not in text
    tick(MONDAY.replace(hour=12))
    tick(MONDAY.replace(day=15))
    assert told(house) == found


def test_the_next_week_it_comes_again_as_long_as_somebody_needs_it(house: House, tick: Tick, rows: str) -> None:
    tick(MONDAY)
    tick(MONDAY.replace(day=21))
    mails = [mail for mail in read_mailbox(house.mailbox) if mail.recipient == "moor@example.org"]
    assert len(mails) == 2
    house.write_roster(rows)
    tick(MONDAY.replace(day=28, hour=8))
    tick(MONDAY.replace(day=29))  # the 28th is a bank holiday
    assert len([mail for mail in read_mailbox(house.mailbox) if mail.recipient == "moor@example.org"]) == 2


def test_what_happens_between_the_posting_and_the_writing_counts(house: House, tick: Tick) -> None:
    with open_house(house.wiring()) as opened:
        with opened.database.sessions.begin() as session:
            assert post_weekly(session, week=date(2026, 12, 14), now=MONDAY.replace(hour=7)) == 3
        assert house.run("admin", "remove", "moor@example.org").code == 0
        tick(MONDAY.replace(hour=7, minute=30))
    assert set(told(house)) == {"ada@example.org"}


def test_a_week_is_posted_once_however_many_do_it_and_again_where_it_was_not_kept(database: Database) -> None:
    add_account(database, "ada@example.org", role="admin")
    week = date(2026, 12, 14)
    with database.sessions() as session:
        assert post_weekly(session, week=week, now=MONDAY) == 1
        session.rollback()
    for posted in (1, 0, 0):
        with database.sessions.begin() as session:
            assert post_weekly(session, week=week, now=MONDAY) == posted
    with database.reading() as session:
        assert session.scalar(select(func.count(MailRow.id))) == 1


def test_it_can_be_switched_off(house: House) -> None:
    house.environ["FIRST100_WEEKLY_DIGEST"] = "off"
    with open_house(house.wiring()) as opened:
        assert opened.installation.weekly is None
