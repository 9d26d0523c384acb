"""What happens to people, as HR tells it: offers withdrawn, leavers, long absences, other addresses."""

from datetime import datetime, timedelta

from commands.opening import open_house
from rehearsal.mailbox import ReceivedMail, read_mailbox
from scheduler.tick import run_tick
from tests.builders import at
from tests.integration.commands.house import ROW, House

SAM = "sam.sample@example.org"


def live_until(house: House, end: datetime) -> list[ReceivedMail]:
    """Ticks each day at 10:00 UTC, after every slot; gives all mails so far."""
    with open_house(house.wiring()) as opened:
        while house.now < end:
            house.now = house.now.replace(hour=10, minute=0) + timedelta(days=1)
            run_tick(opened.installation, now=house.now)
    return sorted(read_mailbox(house.mailbox), key=lambda mail: mail.sent_at)


def enrol(house: House) -> None:
    house.write_roster(ROW)
    house.run("sync")


def test_an_offer_withdrawn_before_the_first_mail_brings_none(house: House) -> None:
    enrol(house)
    assert house.run("enrol", SAM, "--status", "withdrawn").code == 0
    assert live_until(house, at("2027-01-20 09:00")) == []


def test_a_leaver_gets_nothing_more(house: House) -> None:
    enrol(house)
    before = live_until(house, at("2027-01-20 09:00"))
    assert len(before) > 3
    house.run("enrol", SAM, "--status", "withdrawn")
    after = live_until(house, at("2027-02-10 09:00"))
    assert len(after) == len(before)


def test_after_months_of_leave_the_programme_goes_on_where_it_stood(house: House) -> None:
    enrol(house)
    before = live_until(house, at("2027-01-20 09:00"))
    house.run("enrol", SAM, "--status", "paused")
    assert len(live_until(house, at("2027-02-03 09:00"))) == len(before)
    house.now = at("2027-10-03 09:00")
    assert len(live_until(house, at("2027-10-04 09:00"))) == len(before)
    house.run("enrol", SAM, "--status", "active")
    after = live_until(house, at("2027-10-20 09:00"))[len(before) :]
    assert len(after) >= 2
    assert "Welcome back" in after[0].text
    assert "Welcome back" not in after[1].text
    assert {mail.subject for mail in after}.isdisjoint({before[0].subject})
    (row,) = house.run("report", "leaders", "--json").document["rows"]
    assert row["day"] == 25  # 9 days until the leave, and 16 since


def test_another_address_takes_the_history_along(house: House) -> None:
    enrol(house)
    before = live_until(house, at("2027-01-20 09:00"))
    assert house.run("enrol", "sam.new@example.org", "--formerly", SAM).code == 0
    after = live_until(house, at("2027-02-03 09:00"))[len(before) :]
    assert after
    assert {mail.recipient for mail in after} == {"sam.new@example.org"}
    assert before[0].subject not in {mail.subject for mail in after}
    (row,) = house.run("report", "leaders", "--json").document["rows"]
    assert row["sent"] == len(before) + len(after)


def test_with_an_id_the_address_alone_may_change(house: House) -> None:
    enrol(house)
    house.run("enrol", SAM, "--id", "ESR-10442")
    before = live_until(house, at("2027-01-08 09:00"))
    assert house.run("enrol", "sam.new@example.org", "--id", "ESR-10442").code == 0
    after = live_until(house, at("2027-01-20 09:00"))[len(before) :]
    assert {mail.recipient for mail in after} == {"sam.new@example.org"}
    assert before[0].subject not in {mail.subject for mail in after}
