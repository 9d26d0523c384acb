"""The whole folder: all problems of all files in one run, programmes side by side, and the two sources of leaders."""

from datetime import date
from pathlib import Path

import pytest

from config.load import load_config, load_content
from config.problems import ConfigError
from tests.unit.config.folder import LEADER, ROLES, TIP, load_leaders, problems_in, write_config, write_programme

SHIPPED = Path(__file__).parents[3] / "config"
ROW = (
    "name,email,role,organisation,start_date\nKim Sample,kim.sample@example.org,director,Example Hospitals,2027-01-11\n"
)


def test_both_sources_have_their_place_whether_their_file_is_there_or_not(tmp_path: Path):
    assert load_config(write_config(tmp_path), {}).roster == {"leaders.yaml": (), "leaders.csv": ()}


def test_leaders_come_from_both_files(tmp_path: Path):
    roster = load_config(write_config(tmp_path, {"leaders.yaml": LEADER, "leaders.csv": ROW}), {}).roster
    assert {name: [entry.leader.name for entry in entries] for name, entries in roster.items()} == {
        "leaders.yaml": ["Sam Sample"],
        "leaders.csv": ["Kim Sample"],
    }


def test_another_roster_is_read_in_place_of_both(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": "- wrong\n", "demo-leaders.yaml": LEADER, "more.csv": ROW})
    roster = load_config(tmp_path, {}, roster_file=tmp_path / "demo-leaders.yaml").roster
    assert {name: len(entries) for name, entries in roster.items()} == {"demo-leaders.yaml": 1}
    roster = load_config(tmp_path, {}, roster_file=tmp_path / "more.csv").roster
    assert {name: len(entries) for name, entries in roster.items()} == {"more.csv": 1}


def test_another_roster_must_be_there(tmp_path: Path):
    write_config(tmp_path)
    with pytest.raises(ConfigError, match=r"gone\.yaml: this file cannot be read \(No such file or directory\)"):
        load_config(tmp_path, {}, roster_file=tmp_path / "gone.yaml")


def test_content_is_read_alone_whatever_the_rosters_hold(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": "- wrong\n"})
    content = load_content(tmp_path, {})
    assert (set(content.programmes), content.roster) == ({"first-100-days"}, {})


def test_content_that_is_wrong_is_said_with_every_problem(tmp_path: Path):
    write_config(tmp_path, {"settings.yaml": "port: 0\n"}, {"tips/listen-first.md": TIP.replace("send\n", "sned\n")})
    with pytest.raises(ConfigError) as caught:
        load_content(tmp_path, {})
    assert len(caught.value.errors) == 2


def test_the_problems_of_all_files_come_in_one_run_in_order(tmp_path: Path):
    files = {
        "settings.yaml": "port: 0\n",
        "leaders.yaml": LEADER.replace("director", "driector"),
        "leaders.csv": ROW.replace("2027-01-11", "soon"),
    }
    programme = {"tips/listen-first.md": TIP.replace("send\n", "sned\n")}
    write_config(tmp_path, files, {**programme})
    assert [problem.split(": ")[0] for problem in problems_in(tmp_path, {"FIRST100_HOST": "a\nb"})] == [
        "first-100-days/tips/listen-first.md:7:12",
        "leaders.csv:2:5",
        "leaders.yaml:3:9",
        "settings.yaml:1:7",
        "environment",
    ]


def test_a_fault_in_the_roles_does_not_hide_an_unknown_role(tmp_path: Path):
    roles = ROLES.replace("item: share-early", "itme: share-early")
    write_config(tmp_path, {"leaders.yaml": LEADER.replace("director", "driector")}, {"roles.yaml": roles})
    assert "leaders.yaml:3:9: role: 'driector' is no role of first-100-days; did you mean director?" in problems_in(
        tmp_path
    )


def test_a_roles_file_that_cannot_be_read_makes_no_role_unknown(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": LEADER}, {"roles.yaml": "roles\n  - x: y\n", "programme.yaml": None})
    assert not [problem for problem in problems_in(tmp_path) if problem.startswith("leaders.yaml")]


def test_several_programmes_stand_side_by_side(tmp_path: Path):
    leaders = f"{LEADER}  programmes: [second, first-100-days]\n"
    write_config(tmp_path, {"leaders.yaml": leaders, "settings.yaml": "programmes: [first-100-days, second]\n"})
    write_programme(tmp_path / "second")
    config = load_config(tmp_path, {})
    assert list(config.programmes) == ["first-100-days", "second"]
    assert config.roster["leaders.yaml"][0].programmes == ("second", "first-100-days")


def test_a_role_must_be_known_to_every_programme_of_its_row(tmp_path: Path):
    leaders = f"{LEADER}  programmes: [first-100-days, second]\n"
    write_config(tmp_path, {"leaders.yaml": leaders, "settings.yaml": "programmes: [first-100-days, second]\n"})
    write_programme(tmp_path / "second", {"roles.yaml": ROLES.replace("id: director", "id: chair")})
    assert problems_in(tmp_path) == ["leaders.yaml:3:9: role: 'director' is no role of second; use one of: chair"]


def test_a_problem_in_one_programme_names_its_file(tmp_path: Path):
    write_config(tmp_path, {"settings.yaml": "programmes: [first-100-days, second]\n"})
    write_programme(tmp_path / "second", {"tips/listen-first.md": TIP.replace("subject", "subjetc")})
    assert [problem.split(": ")[0] for problem in problems_in(tmp_path)] == [
        "second/tips/listen-first.md:2:1",
        "second/tips/listen-first.md:3:1",
    ]


def test_a_programme_whose_folder_is_missing_is_named(tmp_path: Path):
    write_config(tmp_path, {"settings.yaml": "programmes: [first-100-days, gone]\n"})
    assert problems_in(tmp_path) == [
        "gone: this is no programme's folder; make it, with programme.yaml and roles.yaml, or correct 'programmes'"
    ]


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_config_folder_that_is_none_is_named(tmp_path: Path, name: str):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="there is no such folder; make it, or set FIRST100_CONFIG"):
        load_config(tmp_path / name, {})


@pytest.mark.parametrize("name", ["leaders.yml", "leaders.xlsx", "settings.yml"])
def test_a_file_under_a_name_that_is_not_read_is_warned_of(tmp_path: Path, name: str):
    (warning,) = load_config(write_config(tmp_path, {name: "x"}), {}).warnings
    assert str(warning).startswith(f"{tmp_path}/{name}: this file is not read; the service reads ")


def test_errors_come_with_the_warnings_and_say_which_is_which(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": LEADER.replace("director", "x"), "leaders.yml": ""})
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, {})
    assert [problem.severity for problem in caught.value.problems] == ["error", "warning"]


def test_the_shipped_leaders_file_enrols_nobody_and_its_example_is_sound(tmp_path: Path):
    text = (SHIPPED / "leaders.yaml").read_text(encoding="utf-8")
    assert load_leaders(tmp_path, text).roster["leaders.yaml"] == ()
    example = [line[2:] for line in text.splitlines() if line.startswith(("# - ", "#   "))]
    (tmp_path / "example.yaml").write_text("\n".join(example), encoding="utf-8")
    (entry,) = load_config(SHIPPED, {}, roster_file=tmp_path / "example.yaml").roster["example.yaml"]
    assert (entry.leader.key, entry.role, len(entry.leader.away)) == ("ESR-10442", "chief-executive", 2)


def test_the_shipped_folder_loads_with_no_warning_but_addresses_nobody_confirmed():
    config = load_config(SHIPPED, {}, today=date(2026, 12, 7), roster_file=SHIPPED / "demo-leaders.yaml")
    assert sorted(config.programmes["first-100-days"].roles) == [
        "chair",
        "chief-executive",
        "executive-director",
        "non-executive-director",
        "pcn-clinical-director",
        "system-leader",
    ]
    doubts = {problem.message.split(";")[0] for problem in config.warnings if problem.path.endswith(".md")}
    assert doubts <= {"url was seen but not confirmed"}
