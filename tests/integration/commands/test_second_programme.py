"""A second programme beside the first: another theme, three items, two roles, and nothing but config touched."""

from datetime import datetime

import pytest

from commands.opening import open_house
from rehearsal.mailbox import ReceivedMail, read_mailbox
from scheduler.tick import run_tick
from tests.builders import at
from tests.integration.commands.house import ROW, House

SAM, KIM = "sam.sample@example.org", "kim.example@example.org"
SECOND = "money-matters"
LEADERS = f"""\
{ROW}- name: Kim Example
  email: {KIM}
  role: audit-chair
  organisation: Example Hospitals
  start_date: 2027-01-11
  programmes: [{SECOND}]
"""
FILES = {
    "programme.yaml": """\
name: Money matters
themes:
  - {id: finance, name: Minding public money, purpose: Leaders read the figures that they answer for.}
skill_sets:
  - {id: figures, name: Reading figures, description: See what a table leaves out.}
last_day: 30
tips_by_day: 25
resources_by_day: 28
""",
    "roles.yaml": """\
roles:
  - {id: finance-director, name: Finance director, pace: full, sequence: all}
  - {id: audit-chair, name: Audit chair, pace: light, sequence: chair}
sequences:
  all:
    items:
      - {day: -7, item: welcome, why: Says what comes.}
      - {day: 1, item: ask-for-the-forecast, why: It is on its way anyway.}
      - {day: 8, item: a-guide-to-accounts, why: To read beside it.}
      - {day: 15, item: follow-one-invoice, why: Shows how it is done here.}
      - {day: 30, item: closing-summary, why: The end.}
  chair:
    items:
      - {day: -7, item: welcome, why: Says what comes.}
      - {day: 2, item: ask-for-the-forecast, why: Before the first committee., with: [a-guide-to-accounts]}
      - {day: 30, item: closing-summary, why: The end.}
""",
    "messages/welcome.md": """\
---
title: Money matters
subject: A month about money
preheader: Short mails, and a way out of every one.
day: -7
---
Hello {{name}}, this runs for a month from {{start_date}}.
""",
    "messages/closing-summary.md": """\
---
title: The month is over
subject: "Day 30: what you read"
preheader: All of it in one place.
day: 30
---
Thank you for your time.
""",
    "tips/ask-for-the-forecast.md": """\
---
headline: Ask for the forecast
subject: One page that you should see
preheader: It is written every month.
earliest_day: 0
latest_day: 20
when_late: send
skill_sets: {main: figures}
questions:
  recall: {ask: "Which page comes every month?", answer: "The forecast."}
  application: {ask: "What would you look for in it?", answer: "What has changed."}
  reflection: {ask: "When did a figure last surprise you?", answer: "What you did then."}
---
A forecast tells you sooner than the accounts.

## Ten minutes

Ask who writes it, and for the last two.
""",
    "tips/follow-one-invoice.md": """\
---
headline: Follow one invoice
subject: Where one bill goes
preheader: From the post to the bank.
earliest_day: 7
latest_day: 25
after: [ask-for-the-forecast]
when_late: send
skill_sets: {main: figures}
questions:
  recall: {ask: "What shows how bills are paid?", answer: "One bill, from end to end."}
  application: {ask: "A bill lies about for a month. Whom do you ask?", answer: "Whoever has it."}
  reflection: {ask: "What do you sign unread?", answer: "What you would read if you had to explain it."}
---
One bill, followed from end to end, shows how things are done.

## Ten minutes

Pick one that was paid last week, and ask whose desks it crossed.
""",
    "resources/a-guide-to-accounts.md": """\
---
title: A guide to accounts
subject: Four pages on reading accounts
preheader: With a table to practise on.
format: guide
read: The first four pages
minutes: 8
url: https://example.org/guide
address_checked: 2026-11-01
skill_sets: {main: figures}
questions:
  application: {ask: "Which line would you ask about first?", answer: "The one that moved."}
---
How the three tables of a set of accounts hang together.
""",
}


@pytest.fixture
def both(house: House) -> House:
    """Both programmes, and a leader in each."""
    folder = house.config / SECOND
    for name in ("tips", "resources", "check-ins", "messages"):
        (folder / name).mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (house.config / "settings.yaml").write_text(f"programmes: [first-100-days, {SECOND}]\n", encoding="utf-8")
    house.write_roster(LEADERS)
    return house


def mails_to(house: House, recipient: str) -> list[ReceivedMail]:
    """What this leader got, oldest first."""
    return [mail for mail in read_mailbox(house.mailbox) if mail.recipient == recipient]


def tick_until(house: House, text: str) -> None:
    """One tick after another, each when the one before says that something is due."""
    while house.now < at(text):
        ticked = house.run("tick", "--json")
        assert ticked.code == 0, ticked.err
        assert (ticked.document["failed"], ticked.document["in_doubt"]) == (0, 0)
        house.now = datetime.fromisoformat(ticked.document["next_due"])


def test_a_second_programme_runs_beside_the_first(both: House) -> None:
    checked = both.run("check", "--json")
    assert checked.code == 0
    assert [problem for problem in checked.document["problems"] if SECOND in problem["path"]] == []

    changes = both.run("sync", "--json").document["changes"]
    assert {(change["leader"], change["programme"]) for change in changes} == {
        (SAM, "first-100-days"),
        (KIM, SECOND),
    }

    tick_until(both, "2027-02-12 12:00")

    first, second = ([mail.subject for mail in mails_to(both, leader)] for leader in (SAM, KIM))
    assert first[0] == "Your first 100 days: what we will send you"
    assert "Three calls to make before day one" in first
    assert second[:2] == ["A month about money", "One page that you should see"]
    assert second[-1] == "Day 30: what you read"
    assert not set(first) & set(second)
    assert "https://example.org/guide" in mails_to(both, KIM)[1].text

    rows = both.run("report", "leaders", "--json").document["rows"]
    assert {(row["email"], row["programme"], row["status"]) for row in rows} == {
        (SAM, "first-100-days", "active"),
        (KIM, SECOND, "completed"),
    }


def test_a_fault_in_one_programme_is_told_and_the_running_service_keeps_both_as_they_were(both: House) -> None:
    tip = both.config / SECOND / "tips" / "follow-one-invoice.md"
    fault = f"{tip}:8:12: when_late: 'sned' is not known; did you mean send?"
    with open_house(both.wiring()) as house:
        before = house.config.read().programmes
        tip.write_text(FILES["tips/follow-one-invoice.md"].replace("when_late: send", "when_late: sned"))
        report = run_tick(house.installation, now=both.now)
        assert report.problems == (fault,)
        assert house.config.current.programmes == before
        tip.write_text(FILES["tips/follow-one-invoice.md"].replace("Follow one invoice", "Follow one bill"))
        assert run_tick(house.installation, now=both.now).problems == ()
        assert house.config.current.programmes[SECOND].items["follow-one-invoice"].title == "Follow one bill"
