"""The pieces of a rehearsal: pages read as by a thumb, readers with a memory, the demo's own folder."""

from pathlib import Path
from random import Random

import pytest

from commands.rehearsing import MARK, empty_folder
from commands.wiring import CommandError
from rehearsal.clock import VirtualClock
from rehearsal.pages import read_page
from rehearsal.readers import Habits, Reader
from tests.builders import at

PAGE = """
<h1>What comes &amp; goes?</h1><button name="outside" value="1">Not in a form</button>
<form method="post"><input type="hidden" name="nonce" value="n1">
<button name="answer" value="using">Knew it</button></form>
<form><button name="answer" value="forgot">Forgot</button></form>
"""


def test_a_page_shows_its_words_and_its_forms() -> None:
    page = read_page(PAGE)
    assert "What comes & goes?" in page.words
    form = page.form_with("answer", "using")
    assert form is not None
    assert form.press("answer", "using") == {"nonce": "n1", "answer": "using"}
    assert page.form_with("outside", "1") is None
    with pytest.raises(LookupError):
        form.press("answer", "forgot")


def test_a_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(at("2027-01-11 09:00"))
    clock.move_to(at("2027-01-10 09:00"))
    assert clock() == at("2027-01-11 09:00")


def test_a_readers_memory_fades_and_spaced_meetings_make_it_last() -> None:
    massed, spaced = (Reader(habits=Habits(), random=Random(1), items={}) for _ in range(2))
    for reader, second in ((massed, "2027-01-11 10:00"), (spaced, "2027-01-15 09:00")):
        reader.meet("tip", at("2027-01-11 09:00"))
        reader.meet("tip", at(second))
    assert spaced.strength_days["tip"] > massed.strength_days["tip"]
    assert spaced.recall("tip", at("2027-01-20 09:00")) > spaced.recall("tip", at("2027-02-20 09:00"))
    assert spaced.recall("never met", at("2027-02-20 09:00")) == 0


def test_the_demo_empties_only_a_folder_of_its_own(tmp_path: Path) -> None:
    mine = tmp_path / "demo"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(CommandError, match="holds something that the demo did not make"):
        empty_folder(mine)
    assert (mine / "thesis.txt").exists()
    (mine / MARK).touch()
    empty_folder(mine)
    assert [path.name for path in mine.iterdir()] == [MARK]
