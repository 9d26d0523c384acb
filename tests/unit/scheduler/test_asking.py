"""What a nudge says of memory: above all where the leader says that something has not been read yet."""

from dataclasses import replace
from datetime import date

import pytest

from models.domain import Belief, History, SentItem
from scheduler.asking import appearances_of, recall
from scheduler.memory import retrievability
from tests.builders import build_sent

START = date(2027, 1, 11)
REPORT = SentItem(item="report", kind="resource", placed="new")
ASKED = SentItem(item="report", kind="resource", placed="prompt", question="application")


def believe(asked: SentItem) -> Belief:
    """The belief about a report that came on day 1 and was asked about on day 15."""
    came = build_sent("report", date(2027, 1, 12), ordinal=1)
    later = build_sent("report", date(2027, 1, 26), ordinal=2)
    history = History(nudges=(replace(came, items=(REPORT,)), replace(later, items=(asked,))), next_ordinal=3)
    return recall(history, START).beliefs["report"]


def test_what_was_not_read_yet_is_hardly_known_and_not_held_against_the_leader() -> None:
    unread = believe(replace(ASKED, unread=True))
    assert retrievability(unread, 15) == pytest.approx(0.05)
    first_met = 2.3065  # days: as if it came for the first time
    assert unread.stability_days == pytest.approx(first_met)
    assert believe(replace(ASKED, answer="forgot")).difficulty > unread.difficulty


def test_silence_about_it_is_another_matter() -> None:
    assert retrievability(believe(ASKED), 15) > 0.2


def test_who_says_so_has_opened_the_mail_seen_or_not() -> None:
    sent = build_sent("report", date(2027, 1, 26))
    other = SentItem(item="tip", kind="tip", placed="new")
    nudge = replace(sent, items=(other, replace(ASKED, unread=True)))
    tip, report = appearances_of(History(nudges=(nudge,)), START)
    assert (tip.opened, tip.introduced) == (True, True)
    assert (report.introduced, report.click_visible, report.clicked, report.answer) == (True, True, False, None)
