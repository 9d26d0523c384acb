"""The admin pages of an installation with config files of its own, in which leaders can be enrolled."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi.testclient import TestClient

from commands.opening import House as OpenHouse
from commands.opening import open_house
from rehearsal.mailbox import ReceivedMail, read_mailbox
from scheduler.tick import TickReport, run_tick
from tests.integration.commands.house import ROW, House
from tests.integration.web.scene import FIREFOX, Scene
from web.app import create_app

OWN, OTHER = "Example Hospitals", "Moor Trust"
SPRING = "# Spring\n" + ROW


@dataclass
class Office:
    """The config folder, the service that goes by it, and the pages that browsers visit."""

    house: House
    opened: OpenHouse
    scene: Scene

    @property
    def roster(self) -> str:
        return (self.house.config / "leaders.yaml").read_text(encoding="utf-8")

    @roster.setter
    def roster(self, text: str) -> None:
        self.house.write_roster(text)

    def tick(self) -> TickReport:
        return run_tick(self.opened.installation, now=self.house.now)

    def mails(self) -> list[ReceivedMail]:
        return list(read_mailbox(self.house.mailbox))


@contextmanager
def open_office(house: House, *, public_url: str = "https://nudges.example.org") -> Generator[Office]:
    """The house with its pages; the clock is the house's."""
    wiring = house.wiring({"FIRST100_PUBLIC_URL": public_url})
    with open_house(wiring) as opened:
        browser = TestClient(create_app(opened.site), headers={"user-agent": FIREFOX})
        scene = Scene(
            database=opened.database,
            site=opened.site,
            browser=browser,
            programmes=dict(opened.config.current.programmes),
            now=house.now,
        )
        yield Office(house, opened, scene)
