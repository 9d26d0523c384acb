"""What HR is told by mail of the leaders' files: once, when it has settled, and with the lines that `check` gives."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from commands.opening import open_house
from rehearsal.mailbox import read_mailbox
from scheduler.tick import TickReport, run_tick
from tests.integration.commands.house import ROW, House

KIM = ROW.replace("Sam Sample", "Kim Example").replace("sam.sample", "kim.example")
Tick = Callable[[int], TickReport]


@pytest.fixture
def tick(house: House) -> Iterator[Tick]:
    """A running service; ticks so many minutes later."""
    house.write_roster(ROW)
    house.environ["FIRST100_HR_CONTACT"] = "hr@example.org"
    with open_house(house.wiring()) as opened:

        def pass_by(minutes: int) -> TickReport:
            house.now += timedelta(minutes=minutes)
            return run_tick(opened.installation, now=house.now)

        yield pass_by


def digests(house: House) -> list[tuple[str, str]]:
    """Subject and text of each mail to HR."""
    mails = [mail for mail in read_mailbox(house.mailbox) if mail.recipient == "hr@example.org"]
    return [(mail.subject, " ".join(mail.text.split())) for mail in mails]


def test_changes_are_told_together_once_they_have_settled(house: House, tick: Tick) -> None:
    tick(0)
    house.write_roster(ROW + KIM)
    tick(5)
    house.write_roster(ROW.replace("2027-01-11", "2027-01-18") + KIM)
    tick(5)
    tick(9)
    assert digests(house) == []
    tick(1)
    ((subject, text),) = digests(house)
    assert subject == "3 changes were made"
    assert "Sam Sample (first-100-days): enrolled, starts 2027-01-11 as chief-executive" in text
    assert "Kim Example (first-100-days): enrolled, starts 2027-01-11 as chief-executive" in text
    assert "Sam Sample (first-100-days): moved, start date: 2027-01-11 → 2027-01-18" in text
    for _ in range(5):
        tick(30)
    assert len(digests(house)) == 1


def test_a_broken_file_is_told_once_and_again_only_when_it_is_mended(house: House, tick: Tick) -> None:
    tick(0)
    tick(10)  # the enrolment itself
    house.write_roster(ROW.replace("chief-executive", "chief-exectuive"))
    tick(1)
    tick(10)
    subject, text = digests(house)[1]
    assert subject == "The leaders' file needs you"
    assert ":3:9: role: 'chief-exectuive' is no role of first-100-days; did you mean chief-executive?" in text
    house.write_roster("# moved down\n\n" + ROW.replace("chief-executive", "chief-exectuive"))
    for _ in range(3):
        tick(60)
    assert len(digests(house)) == 2
    house.write_roster(ROW)
    tick(1)
    tick(10)
    assert digests(house)[2][0] == "All files are right again"
    assert len(digests(house)) == 3


def test_what_is_mended_at_once_is_never_told(house: House, tick: Tick) -> None:
    tick(0)
    tick(10)
    house.write_roster("- name: [\n")
    tick(1)
    house.write_roster(ROW)
    tick(5)
    for _ in range(3):
        tick(30)
    assert len(digests(house)) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("leaders.yaml", "- name: [Sam\n", "is not closed with ]"),
        ("leaders.yaml", ROW.replace("2027-01-11", "2027-02-30"), "February 2027 has 28 days"),
        ("leaders.yaml", ROW + ROW, "keep one of the two"),
        ("leaders.yaml", ROW.replace("role:", "rolle:"), "did you mean role?"),
        ("leaders.yaml", ROW.replace("sam.sample@example.org", "sam.sample"), "is no e-mail address"),
        ("leaders.yaml", "- &a [*a, *a]\n", "which is not used here"),
        ("leaders.yaml", ROW.replace("Sam", "Zoë").encode("cp1252"), "saved as Windows-1252"),
        ("leaders.yaml", ROW.encode()[:-2] + "é".encode()[:1], "saved only in part"),
        ("leaders.csv", 'name,email\n"Sam', "is never closed"),
        ("settings.yaml", "send_at: 25:00\n", "is no time of day"),
        ("first-100-days/roles.yaml", "roles: [\n", "saved only in part"),
    ],
)
def test_every_kind_of_broken_file_gives_its_line(
    house: House, tick: Tick, name: str, content: str | bytes, words: str
) -> None:
    tick(0)
    tick(10)
    (house.config / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    tick(1)
    report = tick(10)
    subject, text = digests(house)[-1]
    assert subject == "The leaders' file needs you"
    assert f"{name}:" in text
    assert words in text
    assert any(words in problem for problem in report.problems)


def test_without_an_address_for_hr_nothing_is_posted_then_or_later(house: House) -> None:
    house.write_roster(ROW)
    with open_house(house.wiring()) as opened:
        for _ in range(3):
            run_tick(opened.installation, now=house.now)
            house.now += timedelta(minutes=20)
    house.environ["FIRST100_HR_CONTACT"] = "hr@example.org"
    with open_house(house.wiring()) as opened:
        for _ in range(3):
            run_tick(opened.installation, now=house.now)
            house.now += timedelta(minutes=20)
    assert digests(house) == []
