"""The service started while a file is broken: it goes on with what it knows, and says what is wrong."""

from datetime import timedelta

import pytest

from commands.opening import open_house
from commands.wiring import CommandError
from models.standing_problems import CONFIG_PROBLEMS
from models.store import get_state
from rehearsal.mailbox import read_mailbox
from scheduler.tick import run_tick
from tests.builders import at
from tests.integration.commands.house import ROW, House


def test_started_with_a_broken_leaders_file_everybody_goes_on_getting_their_mail(house: House) -> None:
    house.write_roster(ROW)
    house.run("tick")
    house.write_roster(ROW.replace("chief-executive", "chief-exectuive") + ROW)
    house.now = at("2026-12-21 08:30")
    with open_house(house.wiring(), patient=True) as opened:
        report = run_tick(opened.installation, now=house.now)
        assert report.sent == 1
        assert "leaders.yaml:3:9: role: 'chief-exectuive' is no role" in report.problems[0]
        with opened.database.reading() as session:
            assert "chief-exectuive" in (get_state(session, CONFIG_PROBLEMS) or "")  # what /healthz shows
        house.write_roster(ROW.replace("2027-01-11", "2027-01-18"))
        mended = run_tick(opened.installation, now=house.now + timedelta(minutes=1))
        assert mended.problems == ()
    assert [mail.recipient for mail in read_mailbox(house.mailbox)] == ["sam.sample@example.org"]
    (row,) = house.run("report", "leaders", "--json").document["rows"]
    assert (row["status"], row["start_date"]) == ("active", "2027-01-18")


def test_without_its_programme_it_does_not_start_and_says_why(house: House) -> None:
    (house.config / "first-100-days" / "roles.yaml").write_text("roles: [", encoding="utf-8")
    with pytest.raises(CommandError, match=r"roles\.yaml:"), open_house(house.wiring(), patient=True):
        pass
