"""Leaders' rows as roster entries: what they become, who is there twice, which words are unknown, what is doubtful."""

from datetime import date, time
from pathlib import Path

import pytest

from config.load import load_config
from config.problems import ConfigError
from models.domain import Leader, RosterEntry, Span
from tests.unit.config.folder import LEADER, load_leaders, problems_in, replace_once, write_config

FULL = """\
# our leaders
- name: Sample Person
  email: Sample.Person@example.org
  role: director
  organisation: Example Hospitals
  start_date: 2027-01-11
  id: ESR-10442
  formerly: [Old@example.org]
  programmes: [first-100-days]
  cohort: spring
  time_zone: Australia/Lord_Howe
  holidays: AU-NSW
  working_days: [thu, Mon, tuesday]
  send_at: 7:15
  pace: light
  skip: [share-early]
  away: [2027-02-15..2027-02-19, 2027-03-01]
  assistant_reads: true
  status: paused
"""
FULL_CSV = """\
name,email,role,organisation,start_date,id,formerly,programmes,cohort,time_zone,holidays,working_days,send_at,pace,skip,\
away,assistant_reads,status
Sample Person,Sample.Person@example.org,director,Example Hospitals,2027-01-11,ESR-10442,Old@example.org,first-100-days,\
spring,Australia/Lord_Howe,AU-NSW,thu;Mon;tuesday,07:15:00,light,share-early,2027-02-15 .. 2027-02-19; 2027-03-01,TRUE,\
paused
"""
EXPECTED = RosterEntry(
    leader=Leader(
        key="ESR-10442",
        email="sample.person@example.org",
        name="Sample Person",
        organisation="Example Hospitals",
        time_zone="Australia/Lord_Howe",
        holidays="AU-NSW",
        working_days=(0, 1, 3),
        send_at=time(7, 15),
        away=(
            Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),
            Span(first=date(2027, 3, 1), last=date(2027, 3, 1)),
        ),
        assistant_reads=True,
    ),
    role="director",
    start_date=date(2027, 1, 11),
    programmes=("first-100-days",),
    formerly=("old@example.org",),
    cohort="spring",
    pace="light",
    skip=("share-early",),
    status="paused",
)


def second(**changed: str) -> str:
    """One more row, another person's unless a key says otherwise."""
    fields = {
        "name": "Kim Sample",
        "email": "kim.sample@example.org",
        "role": "director",
        "organisation": "Example Hospitals",
        "start_date": "2027-01-11",
        **changed,
    }
    return "- " + "\n  ".join(f"{key}: {value}" for key, value in fields.items()) + "\n"


def without_origin(entry: RosterEntry) -> RosterEntry:
    return RosterEntry(**{name: getattr(entry, name) for name in RosterEntry.__slots__ if name != "origin"})


def test_a_full_row_of_yaml_becomes_a_roster_entry(tmp_path: Path):
    (entry,) = load_leaders(tmp_path, FULL).roster["leaders.yaml"]
    assert without_origin(entry) == EXPECTED
    assert entry.origin == f"{tmp_path}/leaders.yaml:2"


def test_a_full_row_of_csv_becomes_the_same_entry(tmp_path: Path):
    (entry,) = load_leaders(tmp_path, FULL_CSV, name="leaders.csv").roster["leaders.csv"]
    assert without_origin(entry) == EXPECTED
    assert entry.origin == f"{tmp_path}/leaders.csv:2"


def test_a_short_row_takes_the_rest_from_the_settings(tmp_path: Path):
    settings = 'time_zone: Europe/Dublin\nholidays: none\nworking_days: [mon, wed]\nsend_at: "09:00"\n'
    write_config(tmp_path, {"leaders.yaml": LEADER, "settings.yaml": settings})
    (entry,) = load_config(tmp_path, {}).roster["leaders.yaml"]
    assert without_origin(entry) == RosterEntry(
        leader=Leader(
            key="sam.sample@example.org",
            email="sam.sample@example.org",
            name="Sam Sample",
            organisation="Example Hospitals",
            time_zone="Europe/Dublin",
            holidays="none",
            working_days=(0, 2),
            send_at=time(9, 0),
        ),
        role="director",
        start_date=date(2027, 1, 11),
        programmes=("first-100-days",),
    )


@pytest.mark.parametrize(("written", "key"), [("10442", "10442"), ("007", "007"), ('"0071"', "0071")])
def test_a_staff_number_keeps_its_digits_as_they_were_written(tmp_path: Path, written: str, key: str):
    (entry,) = load_leaders(tmp_path, f"{LEADER}  id: {written}\n").roster["leaders.yaml"]
    assert entry.leader.key == key


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("GB-ENG", "GB-ENG"),
        ("GB-WLS", "GB-WLS"),
        ("GB-SCT", "GB-SCT"),
        ("GB-NIR", "GB-NIR"),
        ("gb-sct", "GB-SCT"),
        ("DE-BY", "DE-BY"),
        ("IE", "IE"),
        ("NZ-South Canterbury", "NZ-South Canterbury"),
        ("none", "none"),
    ],
)
def test_every_calendar_of_the_holidays_library_is_known(tmp_path: Path, code: str, kept: str):
    (entry,) = load_leaders(tmp_path, f"{LEADER}  holidays: {code}\n").roster["leaders.yaml"]
    assert entry.leader.holidays == kept


def test_countries_of_the_united_kingdom_are_offered_by_their_names(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": f"{LEADER}  holidays: England\n"})
    assert problems_in(tmp_path) == [
        "leaders.yaml:6:13: holidays: 'England' is no calendar of public holidays; did you mean GB-ENG?"
    ]


def test_a_zone_is_offered_by_its_city(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": f"{LEADER}  time_zone: New York\n"})
    assert problems_in(tmp_path) == [
        "leaders.yaml:6:14: time_zone: 'New York' is no time zone; did you mean America/New_York?"
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            second(email="SAM.sample@example.org"),
            "7:10: email: 'SAM.sample@example.org' is the email of {}/leaders.yaml:2:10 already; keep one of the two",
            id="an address",
        ),
        pytest.param(
            second(formerly="[sam.sample@example.org]"),
            "11:14: formerly: 'sam.sample@example.org' is the email of {}/leaders.yaml:2:10 already; "
            "keep one of the two",
            id="an address as an earlier one",
        ),
        pytest.param(
            second(formerly="[kim.sample@example.org]"),
            "11:14: formerly: 'kim.sample@example.org' is this leader's own email already; remove it here",
            id="the own address as an earlier one",
        ),
        pytest.param(
            second(formerly="[old@example.org, old@example.org]"),
            "11:31: formerly: 'old@example.org' is this leader's own formerly already; remove it here",
            id="an earlier address twice",
        ),
    ],
)
def test_a_duplicate_is_named_with_both_places(tmp_path: Path, row: str, expected: str):
    write_config(tmp_path, {"leaders.yaml": LEADER + row})
    assert problems_in(tmp_path) == [f"leaders.yaml:{expected.format(tmp_path)}"]


def test_an_id_is_found_twice_whatever_its_case_and_its_kind(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": f"{LEADER}  id: esr-1\n{second(id='ESR-1')}"})
    assert problems_in(tmp_path) == [
        f"leaders.yaml:12:7: id: 'ESR-1' is the id of {tmp_path}/leaders.yaml:6:7 already; keep one of the two"
    ]


def test_a_duplicate_is_found_across_files_and_among_rows_that_are_wrong(tmp_path: Path):
    csv = "name,email,role,organisation,start_date\n,sam.sample@example.org,director,Example Hospitals,2027-01-11\n"
    write_config(tmp_path, {"leaders.yaml": LEADER, "leaders.csv": csv})
    assert problems_in(tmp_path) == [
        "leaders.csv:2:1: name is missing; add it here",
        f"leaders.csv:2:2: email: 'sam.sample@example.org' is the email of {tmp_path}/leaders.yaml:2:10 already; "
        "keep one of the two",
    ]


def test_an_id_may_be_the_own_address(tmp_path: Path):
    (entry,) = load_leaders(tmp_path, f"{LEADER}  id: sam.sample@example.org\n").roster["leaders.yaml"]
    assert entry.leader.key == "sam.sample@example.org"


def test_two_people_with_one_name_are_two_people(tmp_path: Path):
    entries = load_leaders(tmp_path, LEADER + second(name="Sam Sample")).roster["leaders.yaml"]
    assert [entry.leader.key for entry in entries] == ["sam.sample@example.org", "kim.sample@example.org"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("skip: [welcome]", "6:10: skip: every leader gets the welcome; remove it here"),
        ("skip: [lunch]", "6:10: skip: 'lunch' is no item of the programme; use one of: "),
        ("pace: sedate", "6:9: pace: 'sedate' is no pace of first-100-days; use one of: light, standard, full"),
        ("programmes: [second]", "6:16: programmes: 'second' is no programme; use one of: first-100-days"),
        ("programmes: []", "6:15: programmes is an empty list; name at least one, or delete the line"),
        ("working_days: []", "6:17: working_days is an empty list; name at least one day, or delete the line"),
        ("working_days: [mon, mon]", "6:17: working_days: mon stands here twice; keep it once"),
        ("working_days: [mon, fryday]", "6:23: working_days: 'fryday' is no day; did you mean fri?"),
        ("programmes: first-100-days", "6:15: programmes should be a list and is the text 'first-100-days'; "),
        ("away: [2020-01-01..2027-01-01]", "6:10: away: '2020-01-01..2027-01-01' is longer than a year; "),
        ("send_at: 8.30", "6:12: send_at should be a time of day and is the number 8.3; write it like 08:30"),
        ("id: two words", "6:7: id: 'two words' cannot be an id; "),
    ],
)
def test_a_row_is_held_against_the_programme_and_good_sense(tmp_path: Path, line: str, expected: str):
    write_config(tmp_path, {"leaders.yaml": f"{LEADER}  {line}\n"})
    (problem,) = problems_in(tmp_path)
    assert problem.startswith(f"leaders.yaml:{expected}")


def test_every_problem_of_every_row_is_told_in_one_run_in_the_order_of_lines(tmp_path: Path):
    rows = second(role="driector", start_date="2027-02-30", email="kim") + second(nmae="Kim", pace="slow")
    write_config(tmp_path, {"leaders.yaml": LEADER + rows})
    assert [problem.split(": ")[0] for problem in problems_in(tmp_path)] == [
        "leaders.yaml:7:10",
        "leaders.yaml:10:15",
        "leaders.yaml:16:3",
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-07", []),
        ("2026-11-06", ["start_date: 2026-11-06 is 31 days past, so some of the programme is over; is it right?"]),
        ("2027-06-05", []),
        ("2027-06-06", ["start_date: 2027-06-06 is 181 days ahead; is the year right?"]),
    ],
)
def test_a_start_date_far_from_today_is_warned_of(tmp_path: Path, start: str, expected: list[str]):
    write_config(tmp_path, {"leaders.yaml": replace_once(LEADER, "2027-01-11", start)})
    warnings = load_config(tmp_path, {}, today=date(2026, 12, 7)).warnings
    assert [(problem.severity, problem.line, problem.column, problem.message) for problem in warnings] == [
        ("warning", 5, 15, message) for message in expected
    ]


def test_without_a_today_no_start_date_is_doubted(tmp_path: Path):
    assert load_leaders(tmp_path, replace_once(LEADER, "2027-01-11", "2001-01-01")).warnings == ()


@pytest.mark.parametrize(("domain", "warned"), [("example.org", False), ("example.com", True), ("ample.org", True)])
def test_an_address_outside_the_usual_domains_is_warned_of(tmp_path: Path, domain: str, warned: bool):
    leaders = replace_once(LEADER, "sam.sample@example.org", "sam.sample@mail.example.org")
    write_config(tmp_path, {"leaders.yaml": leaders, "settings.yaml": f"usual_domains: [{domain}]\n"})
    words = f"email: mail.example.org is not among usual_domains ({domain}); is the address right?"
    assert problems_in(tmp_path) == ([f"leaders.yaml:2:10: {words}"] if warned else [])


def test_one_wrong_row_leaves_no_config_at_all(tmp_path: Path):
    with pytest.raises(ConfigError):
        load_leaders(tmp_path, LEADER + second(role="nobody"))
