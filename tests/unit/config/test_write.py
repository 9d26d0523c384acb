"""leaders.yaml written by a program: what is meant comes in, all else stays as it was, nobody's row is lost."""

import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.problems import ConfigError
from config.reading.positions import read_yaml
from config.write import Draft, keep, read_bytes
from config.writing.yaml_rows import add_rows, change_rows, remove_rows
from config.writing.yaml_values import Value, as_read

FILE = """\
# Leaders of the spring intake.
- name: Sam Sample   # joined late
  email: "sam@example.org"
  role: chair
  formerly:  # two of them
  - old@example.org
  - older@example.org
  away: [2027-02-15..2027-02-19]

# The second one
- {name: Bo, email: bo@example.org}
-
  name: |
    Cy
  email: cy@example.org

# The end.
"""
NEW: Mapping[str, Value] = {"name": "Dee Sample", "email": "dee@example.org", "start_date": "2027-01-11"}


def rows_in(text: str) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", read_yaml(text, path="leaders.yaml").value or [])


def add(text: str, row: Mapping[str, Value] = NEW) -> str:
    return add_rows(text, [row], path="leaders.yaml")


def change(text: str, place: int, **changes: Value | None) -> str:
    return change_rows(text, {place: changes}, path="leaders.yaml")


def test_a_row_comes_after_all_that_stands_there() -> None:
    added = "- name: Dee Sample\n  email: dee@example.org\n  start_date: 2027-01-11\n"
    assert add(FILE) == FILE + added
    assert add("# nobody yet\n") == "# nobody yet\n" + added
    assert add("# nobody yet\n[]\n") == "# nobody yet\n\n" + added
    assert add("") == added


def test_a_row_is_indented_as_those_before_it_and_ends_its_lines_like_them() -> None:
    assert add("  - name: Bo") == (
        "  - name: Bo\n  - name: Dee Sample\n    email: dee@example.org\n    start_date: 2027-01-11\n"
    )
    assert add("- name: Bo\r\n") == (
        "- name: Bo\r\n- name: Dee Sample\r\n  email: dee@example.org\r\n  start_date: 2027-01-11\r\n"
    )


def test_a_changed_value_is_all_that_changes() -> None:
    assert change(FILE, 0, name="Samantha Sample") == FILE.replace("Sam Sample ", "Samantha Sample ")
    assert change(FILE, 0, email="s@example.org") == FILE.replace('"sam@example.org"', "s@example.org")
    assert change(FILE, 0, away=["2027-03-01"]) == FILE.replace("2027-02-15..2027-02-19", "2027-03-01")
    assert change(FILE, 1, name="Bob") == FILE.replace("name: Bo,", "name: Bob,")
    assert change(FILE, 2, name="Cyd") == FILE.replace("|\n    Cy", "Cyd")
    assert change(FILE, 0, formerly=["new@example.org"]) == FILE.replace(
        "formerly:  # two of them\n  - old@example.org\n  - older@example.org",
        "formerly: [new@example.org]  # two of them",
    )


def test_a_new_key_stands_at_the_end_of_its_row() -> None:
    assert change(FILE, 0, status="paused", pace="light") == FILE.replace(
        "2027-02-19]\n", "2027-02-19]\n  status: paused\n  pace: light\n"
    )
    assert change(FILE, 1, role="chair") == FILE.replace("bo@example.org}", "bo@example.org, role: chair}")
    assert change(FILE, 2, role="chair") == FILE.replace("cy@example.org\n", "cy@example.org\n  role: chair\n")
    assert change("- name: Bo", 0, role="chair") == "- name: Bo\n  role: chair\n"


def test_a_key_is_taken_out_with_its_lines() -> None:
    assert change(FILE, 0, role=None) == FILE.replace("  role: chair\n", "")
    assert change(FILE, 0, name=None) == FILE.replace("name: Sam Sample   # joined late\n  ", "")
    assert change(FILE, 0, formerly=None) == FILE.replace(
        "  formerly:  # two of them\n  - old@example.org\n  - older@example.org\n", ""
    )
    assert change(FILE, 1, email=None) == FILE.replace(", email: bo@example.org", "")
    assert change(FILE, 1, pace=None) == FILE


def test_a_row_is_taken_out_and_the_comments_around_it_stay() -> None:
    assert remove_rows(FILE, [1], path="leaders.yaml") == FILE.replace("- {name: Bo, email: bo@example.org}\n", "")
    without = remove_rows(FILE, [2], path="leaders.yaml")
    assert without == FILE.replace("-\n  name: |\n    Cy\n  email: cy@example.org\n", "")
    assert remove_rows(add(FILE), [3], path="leaders.yaml") == FILE
    assert remove_rows("- name: Bo", [0], path="leaders.yaml") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- name: [Sam\n", "leaders.yaml:1:9: the list opened here"),
        ("- {name: *sam}\n", "alias"),
        ("name: Sam\n", "leaders.yaml:1:1: the leaders should be a list"),
        ("[{name: Sam}]\n", "leaders.yaml:1:1: the leaders stand in one pair of brackets"),
        ("- name: Sam\n...\n", "cannot be changed safely; change this file by hand"),
        ("- name: Sam\n  name: Bo\n", "name stands here and on line 1"),
    ],
)
def test_a_file_that_is_broken_or_laid_out_otherwise_is_left_alone(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        add(text)
    assert words in str(refused.value)


def test_a_comment_inside_a_list_is_never_lost() -> None:
    text = "- name: Sam\n  formerly:\n    - a@example.org  # at the trust\n    - b@example.org\n"
    with pytest.raises(ConfigError, match=r"leaders\.yaml:3:5: a comment stands inside this list"):
        change(text, 0, formerly=["c@example.org"])


@pytest.mark.parametrize(
    "text", ["yes", "007", "2027-01-11", "08:30", "a: b", "x #1", "- x", "O'Hara", "Zoë [1]", "~", "", "null"]
)
def test_text_stays_text(text: str) -> None:
    assert rows_in(add("", {"name": text})) == [{"name": text}]


words = st.text("aZ0é😀 .:,;#-?!&*|>%@`~'\"\\/[]{}=_", max_size=12)
values: st.SearchStrategy[Value] = st.one_of(words, st.booleans(), st.lists(words, max_size=3))
keys = st.sampled_from(["name", "email", "role", "id", "formerly", "away", "status", "cohort"])


@given(st.dictionaries(keys, values, min_size=1), st.sampled_from(["", "# none\n", FILE, FILE.replace("\n", "\r\n")]))
def test_what_is_written_is_read_back_as_meant_and_stands_below_what_was_there(
    row: dict[str, Value], text: str
) -> None:
    written = add(text, row)
    before = rows_in(text)
    assert written.startswith(text)
    assert rows_in(written) == [*before, {k: as_read(v) for k, v in row.items()}]


@given(st.dictionaries(keys, st.one_of(values, st.none()), min_size=1, max_size=4), st.integers(0, 2))
def test_a_change_touches_its_own_row_alone(changes: dict[str, Value | None], place: int) -> None:
    before = rows_in(FILE)
    left = {key for key in before[place] if changes.get(key, "") is not None} | {
        k for k, v in changes.items() if v is not None
    }
    if not left:
        return
    after = rows_in(change(FILE, place, **changes))
    expected = {key: value for key, value in before[place].items() if key not in changes}
    expected |= {key: as_read(value) for key, value in changes.items() if value is not None}
    assert after == [*before[:place], expected, *before[place + 1 :]]


# ---------------------------------------------------------------- the file itself


def draft(path: Path, row: Mapping[str, Value] = NEW) -> Draft:
    before = read_bytes(path)
    return Draft(path, before, add((before or b"").decode(), row).encode())


def test_a_draft_is_kept_and_taken_back_to_the_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "leaders.yaml"
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o604)
    made = draft(path)
    keep(made)
    assert path.read_bytes() == made.after
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    keep(made.undo())
    assert path.read_text(encoding="utf-8") == FILE
    assert [one.name for one in tmp_path.iterdir()] == ["leaders.yaml"]


def test_a_file_that_was_not_there_is_made_and_goes_again(tmp_path: Path) -> None:
    made = draft(tmp_path / "leaders.yaml")
    keep(made)
    assert (tmp_path / "leaders.yaml").read_bytes() == made.after
    keep(made.undo())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_changed_meanwhile_stays_as_somebody_else_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "leaders.yaml"
    path.write_text(FILE, encoding="utf-8")
    made = draft(path)
    path.write_text("# mine\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"leaders\.yaml: somebody changed this file meanwhile"):
        keep(made)
    with pytest.raises(ConfigError, match="meanwhile"):
        keep(made.undo())
    assert path.read_text(encoding="utf-8") == "# mine\n"


def test_a_link_stays_a_link_and_the_file_behind_it_is_written(tmp_path: Path) -> None:
    real = tmp_path / "kept" / "all.yaml"
    real.parent.mkdir()
    real.write_text(FILE, encoding="utf-8")
    (tmp_path / "leaders.yaml").symlink_to(real)
    made = draft(tmp_path / "leaders.yaml")
    keep(made)
    assert (tmp_path / "leaders.yaml").is_symlink()
    assert real.read_bytes() == made.after


def test_many_writers_at_once_lose_nobodys_row(tmp_path: Path) -> None:
    path = tmp_path / "leaders.yaml"
    path.write_text(FILE, encoding="utf-8")

    def enrol(number: int) -> None:
        while True:
            try:
                keep(draft(path, {"name": f"Leader {number}"}))
            except ConfigError:
                continue
            return

    threads = [threading.Thread(target=enrol, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = rows_in(path.read_text(encoding="utf-8"))
    assert {row["name"] for row in rows[3:]} == {f"Leader {number}" for number in range(12)}
    assert len(rows) == 15


def test_a_folder_that_may_not_be_written_is_said_plainly(tmp_path: Path) -> None:
    made = Draft(tmp_path / "gone" / "leaders.yaml", None, b"")
    with pytest.raises(ConfigError, match=r"leaders\.yaml: this file cannot be written \(No such file or directory\);"):
        keep(made)
