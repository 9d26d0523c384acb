"""A tip that becomes a draft while its leaders are under way, and live again."""

import pytest

from tests.builders import at
from tests.integration.commands.house import ROW, House

SAM = "sam.sample@example.org"
MET, NEXT = "connect-before-day-one", "walk-in-other-shoes"


def set_state(house: House, item: str, state: str) -> None:
    path = house.config / "first-100-days" / "tips" / f"{item}.md"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("state:")]
    path.write_text("\n".join([kept[0], f"state: {state}", *kept[1:]]) + "\n", encoding="utf-8")


def planned(house: House) -> list[str]:
    """The items that are still to come, as new ones or as questions."""
    nudges = house.run("plan", SAM, "--json").document["nudges"]
    return [item["item"] for nudge in nudges if nudge["state"] != "sent" for item in nudge["items"]]


@pytest.fixture
def under_way(house: House) -> House:
    """The welcome and the first tip have gone out."""
    house.write_roster(ROW)
    for text in ("2026-12-07 09:00", "2026-12-21 08:30", "2026-12-29 08:30"):
        house.now = at(text)
        assert house.run("tick").code == 0
    return house


def test_a_tip_that_was_sent_and_becomes_a_draft_is_asked_no_more(under_way: House) -> None:
    assert MET in planned(under_way)
    set_state(under_way, MET, "draft")
    assert under_way.run("tick").code == 0
    assert MET not in planned(under_way)
    for command in (["plan", SAM], ["why", SAM, "2026-12-29"], ["report", "items"], ["report", "leaders"]):
        outcome = under_way.run(*command)
        assert (outcome.code, outcome.err) == (0, "")


def test_a_tip_that_is_next_and_becomes_a_draft_stays_in_until_it_is_live(under_way: House) -> None:
    assert NEXT in planned(under_way)
    set_state(under_way, NEXT, "draft")
    assert NEXT not in planned(under_way)
    for text in ("2027-01-04 08:30", "2027-01-12 08:30", "2027-01-14 08:30"):
        under_way.now = at(text)
        assert under_way.run("tick").code == 0
    sent = [n for n in under_way.run("plan", SAM, "--json").document["nudges"] if n["state"] == "sent"]
    assert NEXT not in {item["item"] for nudge in sent for item in nudge["items"]}
    set_state(under_way, NEXT, "live")
    assert NEXT in planned(under_way)


def test_check_says_where_a_sequence_names_a_draft(under_way: House) -> None:
    set_state(under_way, NEXT, "draft")
    outcome = under_way.run("check")
    assert outcome.code == 0
    said = [line for line in outcome.out.splitlines() if f"{NEXT} is a draft" in line]
    assert len(said) == 6
    assert all(line.endswith("(a warning)") for line in said)
