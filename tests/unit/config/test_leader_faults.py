"""Every field of a leader's row × every kind of wrong value, in YAML and CSV: a line each, at that value."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from config.problems import Problem
from config.reading.leader_rows import LEADER_KEYS, REQUIRED_KEYS
from config.reading.roster import Vocabulary, build_entries, read_rows
from config.settings import Settings

SOUND = {
    "name": "Sam Sample",
    "email": "sam.sample@example.org",
    "role": "director",
    "organisation": "Example Hospitals",
    "start_date": "2027-01-11",
    "id": "ESR-1",
    "formerly": "[old@example.org]",
    "programmes": "[first-100-days]",
    "cohort": "spring",
    "time_zone": "Europe/London",
    "holidays": "GB-ENG",
    "working_days": "[mon, tue]",
    "send_at": "08:30",
    "pace": "standard",
    "skip": "[listen-first]",
    "away": "[2027-02-15..2027-02-19]",
    "assistant_reads": "false",
    "status": "active",
}
LISTS = ("formerly", "programmes", "working_days", "skip", "away")

# Kinds of wrong value that can be written for every field ...
WRONG = {
    "a number": "42",
    "a fraction": "4.5",
    "a truth value": "true",
    "a list": "[[one]]",
    "a mapping": "{one: two}",
    "null": "null",
    "nothing": "",
    "an empty text": '""',
    "blanks": '"   "',
    "far too long": "x" * 400,
    "a control character": '"a\\u0007b"',
    "a line break": '"a\\nb"',
    "a hidden character": '"a\\u202eb"',
    "an unknown word": "wibble",
}
# ... and those that are not wrong for it.
FINE = {
    "name": ("an unknown word",),
    "organisation": ("an unknown word",),
    "cohort": ("a number", "an unknown word"),
    "id": ("a number", "an unknown word"),
    "assistant_reads": ("a truth value",),
}
MISSPELT = {
    "email": ("sam.sample(at)example.org", "@"),
    "role": ("diretcor", "did you mean director?"),
    "start_date": ("2027-13-01", "no month 13"),
    "programmes": ("[first-100-day]", "did you mean first-100-days?"),
    "formerly": ("[old@example]", "period"),
    "time_zone": ("Europe/Lodnon", "did you mean Europe/London?"),
    "holidays": ("GB-EGN", "did you mean GB-ENG?"),
    "working_days": ("[mno]", "did you mean mon?"),
    "send_at": ("25:30", "00:00 to 23:59"),
    "pace": ("standrad", "did you mean standard?"),
    "skip": ("[listen-frist]", "did you mean listen-first?"),
    "away": ("[2027-02-19..2027-02-15]", "ends before it begins"),
    "assistant_reads": ("flase", "write true or false"),
    "status": ("actve", "did you mean active?"),
}
JARGON = re.compile(
    r"Input should|type=|NoneType|_type|validat|pydantic|ruamel|Traceback|<class|\bdict\b|\btuple\b|\bstr\b|\bNone\b",
)
VOCABULARY = {
    "first-100-days": Vocabulary(
        roles=("director", "chair"),
        paces=("light", "standard", "full"),
        items={"listen-first": "tip", "welcome": "message"},
    )
}


def problems_of(path: Path, text: str) -> list[Problem]:
    path.write_text(text, encoding="utf-8")
    rows, problems = read_rows(path)
    return problems + build_entries(rows, Settings(), VOCABULARY, today=None)[1]


def write_yaml(field: str, value: str) -> tuple[str, int, int]:
    """A row with this value, and the line and column at which the value stands."""
    lines = [f"{'- ' if place == 0 else '  '}{key}: {text}" for place, (key, text) in enumerate(SOUND.items())]
    place = list(SOUND).index(field)
    lines[place] = f"{'- ' if place == 0 else '  '}{field}: {value}".rstrip()
    return "\n".join(lines) + "\n", place + 1, len(f"  {field}: ") + 1 if value else 3


def write_csv(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([LEADER_KEYS, cells])
    return text.getvalue()


def as_cell(value: str) -> str:
    return value.strip("[]").replace('"', "")


CASES = [(field, kind) for field in SOUND for kind in WRONG if kind not in FINE.get(field, ())]
CSV_WRONG = ("42", "4.5", "x" * 400, "a\nb", "a\u202eb", "wibble", "=1+1")
PLAIN_TEXT = ("name", "organisation", "cohort", "id")
CSV_CASES = [
    (field, value)
    for field in SOUND
    for value in CSV_WRONG
    if field not in PLAIN_TEXT or len(value) > 100 or not value.isprintable()
]


def test_the_table_knows_every_key_of_a_row():
    assert tuple(SOUND) == LEADER_KEYS


@pytest.mark.parametrize(("field", "kind"), CASES)
def test_a_wrong_value_in_yaml_gives_a_line_at_that_value_in_plain_words(tmp_path: Path, field: str, kind: str):
    text, line, column = write_yaml(field, WRONG[kind])
    (problem,) = problems_of(tmp_path / "leaders.yaml", text)
    assert problem.line == line
    assert column <= problem.column <= column + 1  # the value, or what is in its brackets
    assert problem.message.startswith(field)
    assert "; " in problem.message
    assert JARGON.search(problem.message) is None


@pytest.mark.parametrize("field", MISSPELT)
def test_a_misspelt_value_in_yaml_is_told_what_was_meant(tmp_path: Path, field: str):
    value, words = MISSPELT[field]
    text, line, column = write_yaml(field, value)
    (problem,) = problems_of(tmp_path / "leaders.yaml", text)
    assert (problem.line, problem.column) == (line, column + value.startswith("["))
    assert words in problem.message


@pytest.mark.parametrize("field", MISSPELT)
def test_a_misspelt_value_in_csv_is_told_what_was_meant(tmp_path: Path, field: str):
    value, words = MISSPELT[field]
    sound = {key: as_cell(text) for key, text in SOUND.items()}
    (problem,) = problems_of(tmp_path / "leaders.csv", write_csv(list({**sound, field: as_cell(value)}.values())))
    assert (problem.line, problem.column) == (2, list(SOUND).index(field) + 1)
    assert words in problem.message


@pytest.mark.parametrize(("field", "value"), CSV_CASES)
def test_a_wrong_cell_in_csv_gives_a_line_at_that_cell_in_plain_words(tmp_path: Path, field: str, value: str):
    sound = {key: as_cell(text) for key, text in SOUND.items()}
    problems = problems_of(tmp_path / "leaders.csv", write_csv(list({**sound, field: value}.values())))
    assert {(problem.line, problem.column) for problem in problems} == {(2, list(SOUND).index(field) + 1)}
    assert not [problem.message for problem in problems if JARGON.search(problem.message)]


@pytest.mark.parametrize("field", SOUND)
def test_an_empty_cell_is_a_missing_value_and_only_a_required_one_is_missed(tmp_path: Path, field: str):
    sound = {key: as_cell(text) for key, text in SOUND.items()}
    problems = problems_of(tmp_path / "leaders.csv", write_csv(list({**sound, field: ""}.values())))
    place = (2, list(SOUND).index(field) + 1)
    expected = [(*place, f"{field} is missing; add it here")] if field in REQUIRED_KEYS else []
    assert [(problem.line, problem.column, problem.message) for problem in problems] == expected


@pytest.mark.parametrize("field", SOUND)
def test_a_key_that_is_left_out_is_missed_at_the_first_line_of_its_entry_if_required(tmp_path: Path, field: str):
    text, _, _ = write_yaml(field, SOUND[field])
    lines = [line for line in text.splitlines() if line.split(":")[0].strip("- ") != field]
    lines[0] = f"- {lines[0][2:]}"
    problems = problems_of(tmp_path / "leaders.yaml", "\n".join(lines))
    expected = [(1, 3, f"{field} is missing; add it here")] if field in REQUIRED_KEYS else []
    assert [(problem.line, problem.column, problem.message) for problem in problems] == expected


@pytest.mark.parametrize("field", SOUND)
def test_a_misspelt_key_is_told_the_nearest_one(tmp_path: Path, field: str):
    misspelt = field[:-2] + field[-1] + field[-2] if len(field) > 2 else f"{field}s"
    text, line, _ = write_yaml(field, SOUND[field])
    problems = problems_of(tmp_path / "leaders.yaml", text.replace(f" {field}: ", f" {misspelt}: "))
    assert (line, 3, f"'{misspelt}' is not a key known here; did you mean {field}?") in [
        (problem.line, problem.column, problem.message) for problem in problems
    ]


@pytest.mark.parametrize("field", SOUND)
def test_a_key_written_twice_is_refused_with_both_lines(tmp_path: Path, field: str):
    text, line, _ = write_yaml(field, SOUND[field])
    problems = problems_of(tmp_path / "leaders.yaml", f"{text}  {field}: {SOUND[field]}\n")
    assert [(problem.line, problem.column, problem.message) for problem in problems] == [
        (len(SOUND) + 1, 3, f"{field} stands here and on line {line}; keep one of the two")
    ]
