"""The running service tells webhooks by itself, and stops when it is told to."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select

from commands.opening import open_house
from commands.webhooks import telling
from models.happenings import Happening, note_happenings
from models.tables import EnrolmentRow
from scheduler.tick import run_tick
from tests.hook_server import HookServer
from tests.integration.commands.house import ROW, House, build_house


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    house = build_house(tmp_path, capsys)
    house.environ["FIRST100_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    house.write_roster(ROW)
    return house


def test_what_happens_while_the_service_runs_is_told_within_seconds(house: House) -> None:
    with HookServer() as server:
        house.run("webhook", "add", server.url)
        with open_house(house.wiring()) as opened, telling(opened, stopping=Event().is_set):
            run_tick(opened.installation, now=house.now)
            assert server.wait_for(1)
            with opened.database.sessions.begin() as session:
                number = session.scalars(select(EnrolmentRow.id)).one()
                note_happenings(session, [Happening(kind="sent", at=house.now, enrolment_id=number)])
            assert server.wait_for(2)

    assert [posted.body.split(b'"')[3] for posted in server.posted] == [b"enrolled", b"sent"]


def test_on_a_virtual_clock_the_service_tells_nobody_elsewhere(house: House) -> None:
    house.environ["FIRST100_ALLOW_TIME_TRAVEL"] = "1"
    house.run("webhook", "add", "https://203.0.114.9/")
    refused = house.run("webhook", "test", "1")

    assert (refused.code, "virtual clock" in refused.err) == (3, True)
    wiring = replace(house.wiring(), clock=lambda: house.now)
    with open_house(wiring) as opened, telling(opened, stopping=Event().is_set):
        pass  # and it ends at once
