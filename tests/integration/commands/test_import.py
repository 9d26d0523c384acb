"""`import`: leaders from a spreadsheet, all or none, with every wrong cell named."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.integration.commands.house import DEE_ROW, ROW, House, Terminal

HEADER = "Full name,E-mail,Job role,Trust,Start date,Phone\n"
DEE = "Dee Sample,dee@example.org,Chair,Example Trust,2027-01-11,123\n"


def write(house: House, content: str | bytes, *, name: str = "people.csv") -> str:
    path = house.folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def write_book(house: House, rows: Sequence[Sequence[object]]) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    path = house.folder / "people.xlsx"
    book.save(path)
    return path


def roster(house: House) -> str:
    return (house.config / "leaders.yaml").read_text(encoding="utf-8")


def lines(text: str, path: str) -> list[str]:
    return [line.removeprefix(f"{path}:") for line in text.splitlines()]


def test_a_spreadsheets_leaders_are_shown_written_and_enrolled(house: House) -> None:
    house.write_roster("# Spring\n" + ROW)
    path = write(house, HEADER + DEE + "Sam Sample,SAM.SAMPLE@example.org,chief executive,Example NHS,11 Jan 2027,\n")
    dry = house.run("import", path, "--dry-run")
    assert (dry.code, roster(house)) == (0, "# Spring\n" + ROW)
    assert "Columns that are not read: Phone" in dry.out
    assert "Leaders: 1 new, 1 changed, 0 same" in dry.out
    assert "Sam Sample (SAM.SAMPLE@example.org)" not in dry.out
    assert "organisation: Example Hospitals → Example NHS" in dry.out
    assert "The first mail leaves Mon 21 Dec 2026 08:30 GMT." in dry.out
    outcome = house.run("import", path)
    assert outcome.code == 0
    assert roster(house) == "# Spring\n" + ROW.replace("Example Hospitals", "Example NHS") + DEE_ROW
    again = house.run("import", path, "--json").document
    assert (again["written"], [one["what"] for one in again["leaders"]]) == (False, ["same", "same"])


def test_one_wrong_row_writes_none_and_each_cell_is_named(house: House) -> None:
    path = write(
        house,
        HEADER
        + DEE
        + "Bo,bo@example,Cheif Executive,Example Trust,2027-02-30,\n"
        + "Cy,dee@example.org,chair,=HYPERLINK(1),2027-01-11,\n",
    )
    outcome = house.run("import", path)
    assert outcome.code == 1
    found = lines(outcome.err, path)
    assert found[0].startswith("3:2: email: 'bo@example' is no e-mail address")
    assert found[1].startswith("3:5: start_date: '2027-02-30' is no date")
    assert found[2].startswith("4:2: email: 'dee@example.org' is the email of ")
    assert found[3] == "4:4: a formula stands in this cell, '=HYPERLINK(1)', and is not run; paste its value instead"
    assert found[-1] == "Nothing has been written: 2 rows are wrong."
    assert roster(house) == "[]\n"


def test_a_workbooks_dates_and_numbers_are_what_they_are(house: House) -> None:
    path = write_book(
        house,
        [
            ["First name", "Surname", "Email address", "Role", "Organisation", "Start", "Staff number", "Days"],
            ["Dee", "Sample", "dee@example.org", "Chair", "Example Trust", date(2027, 1, 11), 10442, "mon; tue"],
            ["Bo", "Sample", "bo@example.org", "chair", "Example Trust", date(2027, 1, 12), None, None],
        ],
    )
    outcome = house.run("import", str(path))
    assert outcome.code == 0
    assert roster(house).lstrip("\n") == DEE_ROW.replace(
        "2027-01-11\n", '2027-01-11\n  id: "10442"\n  working_days: [mon, tue]\n'
    ) + DEE_ROW.replace("Dee", "Bo").replace("dee", "bo").replace("01-11", "01-12")


def test_a_formula_in_a_workbook_is_named_and_never_run(house: House) -> None:
    path = write_book(
        house,
        [
            ["Name", "Email", "Role", "Organisation", "Start date", "Note"],
            ["Dee Sample", '=LOWER("DEE@EXAMPLE.ORG")', "chair", "Example Trust", "2027-01-11", "=1+1"],
        ],
    )
    outcome = house.run("import", str(path))
    assert outcome.code == 1
    assert lines(outcome.err, str(path))[0].startswith("2:2: a formula stands in this cell and is not run")
    assert len(outcome.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("dates", "written"),
    [
        (("01/02/2027", "13/01/2027"), ("2027-02-01", "2027-01-13")),
        (("01/02/2027", "01/13/2027"), ("2027-01-02", "2027-01-13")),
        (("1 Feb 2027", "13-Jan-27"), ("2027-02-01", "2027-01-13")),
        (("2027-02-01 00:00:00", "Wednesday, 13th January 2027"), ("2027-02-01", "2027-01-13")),
    ],
)
def test_a_column_whose_dates_can_mean_one_thing_only_is_taken(
    house: House, dates: tuple[str, str], written: tuple[str, str]
) -> None:
    rows = [f'Leader {number},l{number}@example.org,chair,Trust,"{day}",\n' for number, day in enumerate(dates)]
    outcome = house.run("import", write(house, HEADER + "".join(rows)))
    assert outcome.code == 0
    assert all(f"start_date: {day}\n" in roster(house) for day in written)


def test_a_date_that_can_mean_two_days_is_refused_until_it_is_told_how_it_is_meant(house: House) -> None:
    path = write(house, HEADER + DEE.replace("2027-01-11", "01/02/2027"))
    outcome = house.run("import", path)
    assert lines(outcome.err, path)[0] == (
        "2:5: start_date: '01/02/2027' can be 1 February 2027 or 2 January 2027; "
        "write it like 2027-01-11, or add --dates day-first"
    )
    assert outcome.err.count("start_date") == 1
    assert house.run("import", path, "--dates", "day-first").code == 0
    assert "start_date: 2027-02-01" in roster(house)


def test_what_was_told_about_columns_is_remembered(house: House) -> None:
    path = write(house, HEADER.replace("Trust", "Where") + DEE)
    refused = house.run("import", path)
    assert refused.code == 1
    assert lines(refused.err, path)[0] == "2:1: organisation is missing; add it here"
    assert house.run("import", path, "--map", "Were=organisation").code == 2
    assert house.run("import", path, "--map", "Where=organisation", "--dry-run").code == 0
    assert house.run("import", path).code == 1  # a dry run leaves nothing behind
    assert house.run("import", path, "--map", "Where=organisation").code == 0
    house.write_roster("[]\n")
    assert house.run("import", path, "--dry-run").code == 0


def test_at_a_terminal_it_is_asked_which_column_holds_what_is_missing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(house, HEADER.replace("Trust", "Where") + DEE)
    monkeypatch.setattr(sys, "stdin", Terminal("where\ny\n"))
    outcome = house.run("import", path)
    assert outcome.code == 0
    assert "Which column holds organisation? (Where, Phone, or none)" in outcome.err
    assert "organisation: Example Trust" in roster(house)


def test_two_columns_for_one_field_are_not_guessed_between(house: House) -> None:
    path = write(house, "Name,Email,Work email,Role,Trust,Start\nDee,a@example.org,b@example.org,chair,T,2027-01-11\n")
    outcome = house.run("import", path)
    assert lines(outcome.err, path)[0].startswith("1:3: columns 2 and 3 both look like email; leave one out")
    assert house.run("import", path, "--map", "Email=").code == 0
    assert "b@example.org" in roster(house)


def test_a_file_in_windows_1252_is_said_to_be_one_and_taken_when_told(house: House) -> None:
    path = write(house, (HEADER + DEE.replace("Dee", "Zoë")).encode("cp1252"))
    outcome = house.run("import", path)
    assert outcome.code == 1
    assert "saved as Windows-1252" in outcome.err
    assert "--encoding windows-1252" in outcome.err
    assert house.run("import", path, "--encoding", "windows-1252").code == 0
    assert "name: Zoë Sample" in roster(house)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("people.csv", '"Name","Em', "is never closed"),
        ("people.csv", "", "this file holds no rows"),
        ("people.csv", b"PK\x03\x04rest", "this is an Excel workbook"),
        ("people.csv", HEADER.encode("utf-16"), "saved as UTF-16"),
        ("people.xlsx", b"PK\x03\x04rest", "cannot be read as an Excel workbook"),
        ("people.ods", "x", "this is neither .csv nor .xlsx"),
        ("people.csv", b"x" * (8 * 1024 * 1024 + 1), "larger than 8 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_line(house: House, name: str, content: str | bytes, words: str) -> None:
    outcome = house.run("import", write(house, content, name=name))
    assert outcome.code == 1
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def test_a_half_written_workbook_gets_one_line(house: House) -> None:
    path = write_book(house, [["Name", "Email"], *(["Dee", f"{number}@example.org"] for number in range(300))])
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        outcome = house.run("import", str(path))
        assert outcome.code == 1
        assert (
            outcome.err
            == f"{path}: this file cannot be read as an Excel workbook; was it saved or copied only in part?\n"
        )


def test_a_csv_cut_off_in_its_last_line_is_warned_of(house: House) -> None:
    outcome = house.run("import", write(house, (HEADER + DEE).rstrip("\n")), "--dry-run")
    assert "the last line does not end; was the file saved or copied only in part? (a warning)" in outcome.out


def test_semicolons_a_byte_order_mark_and_quotes_are_read(house: House) -> None:
    text = "\ufeff" + (HEADER + DEE.replace("Example Trust", '"Example, Trust"')).replace(",", ";").replace(
        "; T", ", T"
    )
    assert house.run("import", write(house, text)).code == 0
    assert 'organisation: "Example, Trust"' in roster(house)
