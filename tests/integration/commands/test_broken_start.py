"""The service started while a file is broken: it goes on with what it knows, and says what is wrong."""

import json
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from commands.opening import open_house, open_pages
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


BROKEN = {
    "first-100-days/roles.yaml": ("roles: [", "saved only in part"),
    "first-100-days/programme.yaml": ("nmae: x", "did you mean name?"),
    "first-100-days/tips/expect-complexity.md": ("---\nheadline: Half a", "expect-complexity.md:"),
    "settings.yaml": ("send_at: 25:00", "is no time of day"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_started_with_another_broken_file_it_goes_by_what_was_right_the_last_time(house: House, name: str) -> None:
    house.write_roster(ROW)
    (house.config / "settings.yaml").write_text("brand_name: Moor Nudges\nhr_contact: hr@example.org\n")
    with open_house(house.wiring(), patient=True) as opened:  # all is well
        run_tick(opened.installation, now=house.now)
        before = opened.config.current
    path = house.config / name
    good, (content, piece) = path.read_text(encoding="utf-8"), BROKEN[name]
    path.write_text(content, encoding="utf-8")
    house.now = at("2026-12-21 08:30")
    with open_house(house.wiring(), patient=True) as opened:
        assert opened.settings.brand_name == "Moor Nudges"
        assert opened.settings.config == house.config
        assert opened.config.current.programme_digests == before.programme_digests
        assert opened.config.current.roster == before.roster
        report = run_tick(opened.installation, now=house.now)
        assert report.sent == 1
        assert any(piece in problem for problem in report.problems)
        browser = TestClient(open_pages(opened))
        assert any(piece in problem for problem in browser.get("/healthz").json()["config_problems"])
        path.write_text(good, encoding="utf-8")
        assert run_tick(opened.installation, now=house.now + timedelta(minutes=1)).problems == ()
    assert house.run("tick").code == 0


def test_what_was_right_the_last_time_holds_over_many_starts_and_follows_what_is_mended(house: House) -> None:
    roles, tip = (house.config / "first-100-days" / name for name in ("roles.yaml", "tips/expect-complexity.md"))
    first = tip.read_text(encoding="utf-8")
    with open_house(house.wiring(), patient=True) as opened:
        roles.write_text("roles: [", encoding="utf-8")
        tip.write_text(first + "\n", encoding="utf-8")
        opened.config.read()
    for _ in range(2):
        with open_house(house.wiring(), patient=True) as opened:
            assert len(opened.config.current.problems) > 0
            assert set(opened.config.current.broken) == {"first-100-days/roles.yaml"}


def test_no_leader_stands_in_the_copy_of_what_was_right(house: House) -> None:
    for name in ("leaders.yaml", "leaders-of-last-year.csv", "leaders (copy).yaml"):
        house.write_roster(ROW if name.endswith("yaml") else "name\nSam\n", name=name)
    with open_house(house.wiring(), patient=True):
        pass
    (copy,) = (path for path in house.folder.rglob("last-good-config.json"))
    kept = json.loads(copy.read_text(encoding="utf-8"))
    assert "first-100-days/roles.yaml" in kept
    assert not {"leaders.yaml", "leaders-of-last-year.csv", "leaders (copy).yaml"} & set(kept)
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"settings.yaml": 5}', b'{"settings.yaml": "?"}', b"\xff"])
def test_a_damaged_copy_is_as_good_as_none(house: House, damage: bytes) -> None:
    with open_house(house.wiring(), patient=True):
        pass
    (copy,) = (path for path in house.folder.rglob("last-good-config.json"))
    copy.write_bytes(damage)
    with open_house(house.wiring(), patient=True):
        pass  # it is written anew
    assert "first-100-days/roles.yaml" in json.loads(copy.read_text(encoding="utf-8"))
    copy.write_bytes(damage)
    (house.config / "first-100-days" / "roles.yaml").write_text("roles: [", encoding="utf-8")
    with pytest.raises(CommandError, match=r"roles\.yaml:"), open_house(house.wiring(), patient=True):
        pass


def test_commands_are_as_strict_as_ever(house: House) -> None:
    with open_house(house.wiring(), patient=True):
        pass
    (house.config / "first-100-days" / "roles.yaml").write_text("roles: [", encoding="utf-8")
    outcome = house.run("sync")
    assert (outcome.code, "roles.yaml:" in outcome.err) == (1, True)


def test_without_its_programme_it_does_not_start_for_the_first_time_and_says_why(house: House) -> None:
    (house.config / "first-100-days" / "roles.yaml").write_text("roles: [", encoding="utf-8")
    with pytest.raises(CommandError, match=r"roles\.yaml:"), open_house(house.wiring(), patient=True):
        pass
