"""Config as a running service knows it."""

from pathlib import Path

import pytest

from config.load import Config, load_config, load_content
from config.problems import ConfigError
from scheduler.live_config import LiveConfig, describe_config, read_files
from tests.unit.config.folder import LEADER, TIP, write_config

BROKEN = LEADER.replace("director", "driector")


class Loader:
    """Loads a folder and counts how often."""

    def __init__(self) -> None:
        self.loads = 0

    def __call__(self, folder: Path) -> Config:
        self.loads += 1
        return load_config(folder, {})


def test_a_changed_file_is_read_and_an_unchanged_one_is_not_read_twice(tmp_path: Path) -> None:
    write_config(tmp_path)
    load = Loader()
    config = LiveConfig(tmp_path, load)
    assert config.read().roster["leaders.yaml"] == ()
    (tmp_path / "leaders.yaml").write_text(LEADER)
    assert [entry.leader.name for entry in config.read().roster["leaders.yaml"]] == ["Sam Sample"]
    config.read()
    assert load.loads == 2


def test_a_broken_file_leaves_the_last_good_state_and_is_shown_until_it_is_mended(tmp_path: Path) -> None:
    write_config(tmp_path, {"leaders.yaml": LEADER})
    config = LiveConfig(tmp_path, Loader())
    (tmp_path / "leaders.yaml").write_text(BROKEN)
    for _ in range(2):
        reading = config.read()
        assert [entry.role for entry in reading.roster["leaders.yaml"]] == ["director"]
        (problem,) = reading.problems
        assert "driector" in problem
    (tmp_path / "leaders.yaml").write_text(LEADER)
    assert config.read().problems == ()


def test_a_broken_tip_stays_as_it_was_is_named_and_stops_no_other_file(tmp_path: Path) -> None:
    write_config(tmp_path, {"leaders.yaml": LEADER})
    config = LiveConfig(tmp_path, Loader())
    before = config.current
    tip = tmp_path / "first-100-days" / "tips" / "listen-first.md"
    tip.write_text(TIP.replace("when_late: send", "when_late: sned"))
    (tmp_path / "leaders.yaml").write_text(LEADER.replace("Sam Sample", "Sam Example"))
    reading = config.read()
    assert reading.problems == (f"{tip}:7:12: when_late: 'sned' is not known; did you mean send?",)
    assert reading.programmes == before.programmes
    assert [entry.leader.name for entry in reading.roster["leaders.yaml"]] == ["Sam Example"]
    tip.write_text(TIP.replace("## Ten minutes", "## Ten minutes\n\nToday:"))
    (tmp_path / "leaders.yaml").write_text(BROKEN)
    reading = config.read()
    assert [entry.leader.name for entry in reading.roster["leaders.yaml"]] == ["Sam Example"]  # the last good one
    assert reading.programmes != before.programmes


def test_a_new_tip_that_is_broken_is_left_out_and_what_names_it_stays_as_it_was(tmp_path: Path) -> None:
    write_config(tmp_path)
    config = LiveConfig(tmp_path, Loader())
    before = config.current
    folder = tmp_path / "first-100-days"
    (folder / "tips" / "new-one.md").write_text("---\nheadline: Half a")
    roles = (folder / "roles.yaml").read_text()
    (folder / "roles.yaml").write_text(roles.replace("item: listen-first", "item: new-one"))
    (tmp_path / "leaders.yaml").write_text(LEADER)
    reading = config.read()
    assert reading.programmes == before.programmes
    assert [entry.leader.name for entry in reading.roster["leaders.yaml"]] == ["Sam Sample"]
    assert all("new-one.md" in problem for problem in reading.problems)


def test_a_file_that_vanished_is_taken_from_the_last_good_state_where_others_need_it(tmp_path: Path) -> None:
    write_config(tmp_path)
    config = LiveConfig(tmp_path, Loader())
    before = config.current
    (tmp_path / "first-100-days" / "programme.yaml").unlink()
    (tmp_path / "leaders.yaml").write_text(LEADER)
    reading = config.read()
    assert reading.problems
    assert reading.programmes == before.programmes
    assert [entry.leader.name for entry in reading.roster["leaders.yaml"]] == ["Sam Sample"]


def test_files_that_contradict_one_another_leave_everything_as_it_was(tmp_path: Path) -> None:
    write_config(tmp_path, {"leaders.yaml": LEADER})
    config = LiveConfig(tmp_path, Loader())
    before = config.current
    (tmp_path / "settings.yaml").write_text("programmes: [nowhere]\n")
    reading = config.read()
    assert reading.problems
    assert (reading.programmes, reading.roster) == (before.programmes, before.roster)


def test_a_service_does_not_start_with_broken_config(tmp_path: Path) -> None:
    write_config(tmp_path, {"leaders.yaml": BROKEN})
    with pytest.raises(ConfigError):
        LiveConfig(tmp_path, Loader())


def test_a_new_row_changes_the_rosters_digest_and_no_programmes(tmp_path: Path) -> None:
    before = describe_config(load_config(write_config(tmp_path), {}))
    after = describe_config(load_config(write_config(tmp_path, {"leaders.yaml": LEADER}), {}))
    assert before.roster_digest != after.roster_digest
    assert before.programme_digests == after.programme_digests


def test_the_digests_are_the_same_at_every_reading(tmp_path: Path) -> None:
    write_config(tmp_path, {"leaders.yaml": LEADER})
    first, second = (describe_config(load_config(tmp_path, {})) for _ in range(2))
    assert first == second


def test_the_tracking_in_force_is_the_settings_before_the_programmes(tmp_path: Path) -> None:
    write_config(tmp_path)
    assert set(describe_config(load_config(tmp_path, {})).tracking.values()) == {"ask"}
    forced = load_config(tmp_path, {"FIRST100_OPEN_TRACKING": "off"})
    assert set(describe_config(forced).tracking.values()) == {"off"}


def test_a_renamed_file_is_a_change_and_an_editors_own_file_is_none(tmp_path: Path) -> None:
    write_config(tmp_path, {"leaders.yaml": LEADER})
    before = read_files(tmp_path)
    (tmp_path / ".leaders.yaml.swp").write_text("half a row")
    assert read_files(tmp_path) == before
    (tmp_path / "leaders.yaml").rename(tmp_path / "people.yaml")
    assert read_files(tmp_path) != before


# ---------------------------------------------------------------- started with a broken leaders' file


def load_all_but_leaders(folder: Path) -> Config:
    return load_content(folder, {})


def test_a_patient_service_starts_without_a_broken_leaders_file_and_says_nothing_of_its_leaders(
    tmp_path: Path,
) -> None:
    write_config(tmp_path, {"leaders.yaml": BROKEN})
    config = LiveConfig(tmp_path, Loader(), load_content=load_all_but_leaders)
    assert dict(config.current.roster) == {"leaders.csv": ()}
    assert list(config.current.programmes) == ["first-100-days"]
    assert "driector" in config.current.problems[0]
    (tmp_path / "first-100-days" / "tips" / "listen-first.md").write_text(TIP.replace("Ring one", "Ask one"))
    reading = config.read()
    assert dict(reading.roster) == {"leaders.csv": ()}
    assert "driector" in reading.problems[0]
    (tmp_path / "leaders.yaml").write_text(LEADER)
    reading = config.read()
    assert [entry.leader.name for entry in reading.roster["leaders.yaml"]] == ["Sam Sample"]
    assert reading.problems == ()


@pytest.mark.parametrize("name", ["settings.yaml", "first-100-days/roles.yaml"])
def test_a_patient_service_does_not_start_without_settings_or_programmes(tmp_path: Path, name: str) -> None:
    write_config(tmp_path, {"leaders.yaml": BROKEN, name: "roles: [\n"})
    with pytest.raises(ConfigError):
        LiveConfig(tmp_path, Loader(), load_content=load_all_but_leaders)
