"""A plan as a calendar file: read back by a library that did not write it line by line."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import cast

import pytest
from icalendar import Calendar

from models.domain import History, PlannedItem, PlannedNudge
from rehearsal.storyboard.diary import write_diary
from scheduler.planning import plan_ahead
from tests.builders import at, build_enrolment, build_leader, build_message, build_planned, build_programme, build_tip

STAMP = at("2026-12-07 12:00")


def plan_events(**leader: object) -> dict[date, datetime]:
    """When the events of a whole plan begin, by date, with the zone that the file gives them."""
    enrolment = build_enrolment(leader=build_leader(**leader))
    programme = build_programme()
    nudges = plan_ahead(programme, enrolment, History(), STAMP).nudges
    octets = write_diary(programme, enrolment, nudges, stamp=STAMP)
    starts = [event.start for event in Calendar.from_ical(octets).events]
    assert [start for start in starts if isinstance(start, datetime)] == [nudge.slot for nudge in nudges]
    return {start.date(): start for start in starts if isinstance(start, datetime)}


def write(nudges: Sequence[PlannedNudge]) -> bytes:
    return write_diary(build_programme(), build_enrolment(), nudges, stamp=STAMP)


@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe", "America/St_Johns"])
def test_every_mail_stands_at_its_local_time_before_and_after_the_clocks_change(zone: str) -> None:
    starts = plan_events(time_zone=zone, send_at=time(7, 15), holidays="none")
    assert {start.time() for start in starts.values()} == {time(7, 15)}
    assert len({start.utcoffset() for start in starts.values()}) == 2


def test_a_calendar_that_knows_no_zones_finds_the_rules_in_the_file() -> None:
    before, after = build_planned("2027-03-26 08:30"), build_planned("2027-03-29 07:30", ordinal=2)
    (zone,) = Calendar.from_ical(write([before, after])).timezones
    told = cast(tzinfo, zone.to_tz())
    assert [datetime(2027, 3, day, 8, 30, tzinfo=told).astimezone(UTC) for day in (26, 29)] == [before.slot, after.slot]


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert write([build_planned()]) == write([build_planned()])


def test_an_item_that_moves_keeps_its_event() -> None:
    first, moved = (
        Calendar.from_ical(write([build_planned(slot)])) for slot in ("2027-01-12 08:30", "2027-01-14 08:30")
    )
    assert first.events[0].uid == moved.events[0].uid
    assert first.events[0].start != moved.events[0].start


def test_questions_alone_are_told_apart_by_their_dates() -> None:
    asked = (PlannedItem(item="listen-first", kind="tip", placed="prompt", question="recall"),)
    nudges = [build_planned(f"2027-01-{day} 08:30", items=asked, ordinal=day) for day in (12, 14)]
    one, other = Calendar.from_ical(write(nudges)).events
    assert one.uid != other.uid
    assert str(one.get("SUMMARY")) == "First 100 days: questions"


def test_words_are_escaped_and_folded_as_the_standard_asks() -> None:
    title = "Größe; Tempo, und “Maß” – " * 5
    programme = build_programme([build_tip("listen-first", title=title)])
    octets = write_diary(programme, build_enrolment(), [build_planned(why="Zeile\nzwei, drei")], stamp=STAMP)
    assert max(len(line) for line in octets.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(octets).events
    assert str(event.get("SUMMARY")) == f"First 100 days: {title}"
    assert "Zeile\nzwei, drei" in str(event.get("DESCRIPTION"))


def test_an_event_blocks_nobodys_day_and_gives_no_address_away() -> None:
    octets = write([build_planned()])
    assert b"TRANSP:TRANSPARENT" in octets
    assert b"@example.org" not in octets


def test_without_anything_to_come_the_calendar_is_empty() -> None:
    assert Calendar.from_ical(write([])).events == []


def test_two_leaders_share_no_event() -> None:
    other = replace(build_enrolment(), leader=build_leader(key="kim"))
    octets = write_diary(build_programme([build_message("x", 1), build_tip()]), other, [build_planned()], stamp=STAMP)
    assert Calendar.from_ical(octets).events[0].uid != Calendar.from_ical(write([build_planned()])).events[0].uid
