"""`webhook`: made, listed, tried, changed and removed, and told by the service's own ticks."""

import json
from pathlib import Path

import pytest

from tests.hook_server import HookServer, answer
from tests.integration.commands.house import DEE_ROW, ROW, House, build_house
from tests.unit.test_webhook_docs import load_check


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    house = build_house(tmp_path, capsys)
    house.environ["FIRST100_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    return house


def test_an_enrolment_is_told_by_the_tick_with_a_signature_that_the_documented_check_accepts(house: House) -> None:
    with HookServer() as server:
        made = house.run("webhook", "add", server.url, "--event", "enrolled", "--json").document
        house.write_roster(ROW)
        assert house.run("tick").code == 0

    (posted,) = server.posted
    assert json.loads(posted.body)["type"] == "enrolled"
    is_genuine = load_check()
    assert is_genuine(made["secret"], posted.headers, posted.body)
    assert not is_genuine(made["secret"], posted.headers, posted.body + b" ")
    assert house.run("webhook", "deliveries", "1").out.endswith(": delivered, tries: 1\n")


def test_the_secret_is_shown_once_and_is_nowhere_in_the_data_folder(house: House) -> None:
    secret = house.run("webhook", "add", "https://hr.example.org/", "--json").document["secret"]

    assert secret.startswith("whsec_")
    assert secret not in house.run("webhook", "list", "--json").out
    kept = b"".join(path.read_bytes() for path in (house.folder / "var").rglob("*") if path.is_file())
    assert secret.removeprefix("whsec_").encode() not in kept


def test_the_list_says_whose_they_are_and_how_they_do(house: House) -> None:
    house.run("webhook", "add", "https://hr.example.org/", "--event", "sent", "--organisation", "Example Hospitals")
    house.run("webhook", "add", "https://bi.example.org/", "--description", "the dashboard")
    (first, second) = house.run("webhook", "list").out.splitlines()

    assert first == "1: https://hr.example.org/; sent; Example Hospitals; enabled; 0 waiting, 0 given up"
    assert second.startswith(
        "2: https://bi.example.org/; the dashboard; answered, bounced, checked_in, completed, enrolled, sent;"
    )
    assert house.run("webhook", "list", "--json").document["webhooks"][0] == {
        "webhook": 1,
        "url": "https://hr.example.org/",
        "description": "",
        "events": ["sent"],
        "organisations": ["Example Hospitals"],
        "created_at": "2026-12-07T09:00:00Z",
        "failing_since": None,
        "disabled_at": None,
        "disabled_why": None,
        "deliveries": {"waiting": 0, "delivered": 0, "given_up": 0, "dropped": 0},
    }


def test_a_trial_says_what_was_answered(house: House) -> None:
    with HookServer(answers=[answer(200), answer(404)]) as server:
        house.run("webhook", "add", server.url)
        assert house.run("webhook", "test", "1").out == "webhook 1: answered 200\n"
        refused = house.run("webhook", "test", "1")

    assert (refused.code, refused.err) == (3, "webhook 1: answered 404\n")


def test_a_disabled_webhook_is_told_of_by_the_tick_and_what_it_missed_can_go_out_again(house: House) -> None:
    with HookServer(answers=[answer(410), answer(200)]) as server:
        house.run("webhook", "add", server.url)
        house.write_roster(ROW)
        house.run("tick")
        assert "webhook 1 was disabled on 07 December: answered 410" in house.run("tick").out
        house.write_roster(ROW + DEE_ROW)
        house.run("tick")
        assert house.run("webhook", "enable", "1").code == 0
        assert house.run("webhook", "retry", "1").out == "webhook 1: 1 that were given up go out again\n"
        house.run("tick")

    assert len(server.posted) == 2  # Dee was enrolled while nobody was told
    assert len({posted.headers["webhook-id"] for posted in server.posted}) == 1


def test_a_new_secret_is_another_and_a_removed_webhook_is_gone(house: House) -> None:
    before = house.run("webhook", "add", "https://hr.example.org/", "--json").document["secret"]
    after = house.run("webhook", "rotate", "1", "--json").document

    assert after["webhook"] == 1
    assert before.startswith("whsec_")
    assert house.run("webhook", "remove", "1").code == 0
    assert house.run("webhook", "list").out == "There is no webhook: nobody is told.\n"
    assert house.run("webhook", "add", "https://hr.example.org/", "--json").document["webhook"] == 2


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("add", "http://hr.example.org/"), 1, "should start with https://"),
        (("add", "https://10.1.2.3/"), 1, "name the network in webhook_networks"),
        (("add", "https://hr.example.org/", "--event", "opened"), 2, "nobody is told of 'opened'"),
        (("add", "https://hr.example.org/", "--description", "x" * 201), 1, "at most 200 characters"),
        (("add",), 2, "add takes an address"),
        (("list", "1"), 2, "list takes nothing"),
        (("list", "--event", "sent"), 2, "go with add alone"),
        (("remove", "7"), 1, "there is no webhook 7"),
        (("test", "first"), 1, "'first' is no number"),
        (("test", "7"), 1, "there is no webhook 7"),
        (("retry", "7"), 1, "there is no webhook 7"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(house: House, args: tuple[str, ...], code: int, says: str) -> None:
    outcome = house.run("webhook", *args)

    assert outcome.code == code
    assert says in " ".join(outcome.err.replace("│", " ").split())
    assert "Traceback" not in outcome.err


def test_certificates_that_cannot_be_read_are_told_in_a_line(house: House) -> None:
    house.run("webhook", "add", "https://hr.example.org/")
    house.environ["FIRST100_WEBHOOK_CA"] = str(house.folder / "none.pem")
    outcome = house.run("webhook", "test", "1")

    assert (outcome.code, "webhook_ca: the certificates in" in outcome.err) == (1, True)


def test_a_network_that_is_none_is_told_of(house: House) -> None:
    house.environ["FIRST100_WEBHOOK_NETWORKS"] = "10.0.0.1/8"
    outcome = house.run("webhook", "list")

    assert outcome.code == 1
    assert "'10.0.0.1/8' is no network" in outcome.err or "10.0.0.1/8 is no network" in outcome.err
