"""The key of links changes in peace: what was sent under the old one goes on working as long as that is kept."""

import pytest
from fastapi.testclient import TestClient

from commands.opening import KEY_FILE, OLD_KEY_FILE, open_house
from models.store import read_enrolments
from tests.integration.commands.house import ROW, House
from web.app import create_app

ANOTHER = "another-secret-of-enough-characters"


def first_link(house: House) -> str:
    """The preferences link of a mail that is sent now, below the public address."""
    with open_house(house.wiring()) as opened, opened.database.reading() as session:
        (enrolment,) = read_enrolments(session, tracking={})
        return opened.site.links.url("u", enrolment.id, 1).removeprefix(opened.settings.public_url)


def leave(house: House, link: str) -> int:
    """The status of leaving by one click."""
    with open_house(house.wiring()) as opened:
        browser = TestClient(create_app(opened.site), base_url=opened.settings.public_url)
        return browser.post(link, data={"List-Unsubscribe": "One-Click"}).status_code


@pytest.fixture
def sent(house: House) -> str:
    house.write_roster(ROW)
    assert house.run("tick").code == 0
    return first_link(house)


def test_a_key_laid_beside_the_new_one_still_lets_people_leave(house: House, sent: str) -> None:
    data = house.folder / "var"
    (data / KEY_FILE).rename(data / OLD_KEY_FILE)
    (data / KEY_FILE).write_bytes(b"a new key for tests, 32 octets..")
    assert first_link(house) != sent
    assert leave(house, sent) == 200
    (data / OLD_KEY_FILE).unlink()
    assert leave(house, sent) == 404


def test_a_secret_of_ones_own_leaves_the_folders_key_in_force_for_old_links(house: House, sent: str) -> None:
    house.environ["FIRST100_SECRET"] = ANOTHER
    assert first_link(house) != sent
    assert leave(house, sent) == 200


def test_old_secrets_from_the_environment_read_links_and_never_sign_them(house: House, sent: str) -> None:
    house.environ["FIRST100_SECRET"] = ANOTHER
    earlier = first_link(house)
    house.environ["FIRST100_SECRET"] = "the-newest-secret-of-them-all"
    assert leave(house, earlier) == 404
    house.environ["FIRST100_OLD_SECRETS"] = f"one-that-signed-nothing {ANOTHER}"
    assert first_link(house) != earlier
    assert leave(house, earlier) == 200


@pytest.mark.parametrize("name", [KEY_FILE, OLD_KEY_FILE])
def test_a_file_that_holds_no_key_is_told_in_one_line(house: House, sent: str, name: str) -> None:
    (house.folder / "var" / name).write_bytes(b"")
    outcome = house.run("tick")
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert f"{name} holds no key" in outcome.err
