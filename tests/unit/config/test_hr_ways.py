"""The ways in which people who are not programmers damage these files, each with the one line it gives."""

from pathlib import Path

import pytest

from tests.unit.config.folder import LEADER, load_leaders, problems_in, replace_once, write_config

HEADER = "name,email,role,organisation,start_date\n"
ROW = "Sam Sample,sam.sample@example.org,director,Example Hospitals,2027-01-11\n"
ALIAS_BOMB = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n"

YAML_WAYS = {
    "a tab for indentation": (
        replace_once(LEADER, "  role:", "\trole:"),
        "3:1: a tab stands here; indent and separate with spaces",
    ),
    "a missing colon": (
        replace_once(LEADER, "role: ", "role "),
        "3:3: there is no colon after the key on this line; write 'key: value', or the file was saved only in part",
    ),
    "a missing colon on the first line": (
        replace_once(LEADER, "name: ", "name "),
        "1:1: there is no colon after the key on this line; write 'key: value', or the file was saved only in part",
    ),
    "no space after the colon": (
        replace_once(LEADER, "role: ", "role:"),
        "3:3: a space is missing after the colon; write 'role: ' and then the value",
    ),
    "half a file": (
        LEADER[: LEADER.index("_date")],
        "5:3: there is no colon after the key on this line; write 'key: value', or the file was saved only in part",
    ),
    "half a list": (
        f"{LEADER}  away: [2027-02-15, 2027-0",
        "6:9: the list opened here with [ is not closed with ]; was the file saved only in part?",
    ),
    "half a quoted text": (
        replace_once(LEADER, "Sam Sample", '"Sam'),
        "1:9: the quote mark opened here is never closed; was the file saved only in part?",
    ),
    "a second colon": (
        replace_once(LEADER, "Example Hospitals", "Example: Hospitals"),
        "4:24: this line holds a second colon; put the value in quotes",
    ),
    "a line indented too far": (
        replace_once(LEADER, "  role:", "     role:"),
        "3:6: this line is indented further than the one above; line the keys up under each other",
    ),
    "a line indented too little": (
        replace_once(LEADER, "  role:", " role:"),
        "3:2: this line does not line up with those above; indent it like them",
    ),
    "a forgotten dash": (
        LEADER.replace("- ", "  ", 1),
        "1:3: the leaders should be a list; start each of them with '- ' and indent the lines below it",
    ),
    "a dash without a space": (
        LEADER.replace("- ", "-", 1),
        "1:1: a space is missing after the dash; write '- name: …'",
    ),
    "a text instead of a list": (
        "Sam Sample\n",
        "1:1: the leaders should be a list and this is the text 'Sam Sample'; start each of them with '- name: '",
    ),
    "a key written twice": (
        f"{LEADER}  role: director\n",
        "6:3: role stands here and on line 3; keep one of the two",
    ),
    "31 February": (
        replace_once(LEADER, "2027-01-11", "2027-02-31"),
        "5:15: start_date: '2027-02-31' is no date: February 2027 has 28 days; write a day that exists",
    ),
    "a British date": (
        replace_once(LEADER, "2027-01-11", "11/01/2027"),
        "5:15: start_date: '11/01/2027' is no date; write 2027-01-11",
    ),
    "a date with the month's name": (
        replace_once(LEADER, "2027-01-11", "11 January 2027"),
        "5:15: start_date: '11 January 2027' is no date; write 2027-01-11",
    ),
    "a date with a time": (
        replace_once(LEADER, "2027-01-11", "2027-01-11 00:00:00"),
        "5:15: start_date: '2027-01-11 00:00:00' is no date; write 2027-01-11",
    ),
    "the number that Excel keeps for a date": (
        replace_once(LEADER, "2027-01-11", "46398"),
        "5:15: start_date: '46398' is no date; write 2027-01-11",
    ),
    "a year with a slip of the finger": (
        replace_once(LEADER, "2027-01-11", "0207-01-11"),
        "5:15: start_date: the year 207 in '0207-01-11' cannot be meant; write one from 2000 to 2099",
    ),
    "an alias bomb": (
        ALIAS_BOMB,
        "1:4: a value starting with & is an anchor, which is not used here; put it in quotes",
    ),
    "an alias": (
        replace_once(LEADER, "Sam Sample", "*sam"),
        "1:9: a value starting with * is an alias, which is not used here; put it in quotes",
    ),
    "a tag that would run code": (
        replace_once(LEADER, "Sam Sample", "!!python/object/apply:os.system [ls]"),
        "1:9: a value starting with ! is a tag, which is not used here; put it in quotes",
    ),
    "nesting without end": (
        "- " * 5000,
        "1:25: lists and groups are nested more than 12 deep; write them flatter",
    ),
    "a second document": (
        f"{LEADER}---\n{LEADER}",
        "6:1: a second document starts here; remove the line '---' or '...'",
    ),
    "Latin-1": (
        replace_once(LEADER, "Sam Sample", "Zoë").encode("latin-1"),
        "1:11: this file was saved as Windows-1252 or Latin-1, not as UTF-8; "
        "save it again as UTF-8 (in Excel: 'CSV UTF-8 (comma delimited)')",
    ),
    "UTF-16": (
        LEADER.encode("utf-16"),
        "1:1: this file was saved as UTF-16 ('Unicode'); "
        "save it again as UTF-8 (in Excel: 'CSV UTF-8 (comma delimited)')",
    ),
    "UTF-16 without its mark": (
        LEADER.encode("utf-16-le"),
        "1:2: this file was saved as UTF-16 ('Unicode'); "
        "save it again as UTF-8 (in Excel: 'CSV UTF-8 (comma delimited)')",
    ),
    "a NUL byte": (
        replace_once(LEADER, "Sam S", "S\0m S"),
        "1:10: an invisible control character (U+0000) stands here; delete it and retype",
    ),
    "a file cut inside a character": (
        replace_once(LEADER, "Sam Sample", "Zoë").encode()[:11],
        "1:11: the file ends in the middle of a character; it was saved only in part, so save it again",
    ),
    "an Excel workbook": (
        b"PK\x03\x04rest",
        "1:1: this is an Excel workbook or another zipped file; save it as plain text, 'CSV UTF-8' in Excel",
    ),
    "a line break in a name": (
        replace_once(LEADER, "Sam Sample", '"Sam\\r\\nBcc: all@example.org"'),
        "1:9: name holds a line break or control character: 'Sam\\r\\nBcc: all@example.org'; write it on one line",
    ),
    "an address like an option": (
        replace_once(LEADER, "sam.sample@", "-oQ/tmp@"),
        "2:10: email: '-oQ/tmp@example.org' starts with a hyphen, which mail programs take for a command; remove it",
    ),
    "an address with a name": (
        replace_once(LEADER, "sam.sample@example.org", '"Sam <sam.sample@example.org>"'),
        "2:10: email: 'Sam <sam.sample@example.org>' is no e-mail address: a display name and angle brackets around "
        "the email address are not permitted here; correct it",
    ),
}

CSV_WAYS = {
    "semicolons": (
        (HEADER + ROW).replace(",", ";"),
        "1:1: this CSV uses semicolons; save it as 'CSV UTF-8 (comma delimited)'",
    ),
    "Excel's line about the separator": (
        "sep=;\n" + (HEADER + ROW).replace(",", ";"),
        "1:1: this CSV uses semicolons; save it as 'CSV UTF-8 (comma delimited)'",
    ),
    "tabs": (
        (HEADER + ROW).replace(",", "\t"),
        "1:1: this CSV uses tabs; save it as 'CSV UTF-8 (comma delimited)'",
    ),
    "an unknown column": (
        HEADER.replace("\n", ",tiem_zone\n") + ROW,
        "1:6: 'tiem_zone' is not a column known here; did you mean time_zone?",
    ),
    "a missing column": (
        "name,email,role,organisation\nSam Sample,sam.sample@example.org,director,Example Hospitals\n",
        "1:1: the column start_date is missing; add it to this line",
    ),
    "a column written twice": (
        HEADER.replace("\n", ",name\n") + ROW,
        "1:6: the column name stands here and in column 1; keep one of the two",
    ),
    "a comma inside a cell": (
        HEADER + ROW.replace("\n", ",2027\n"),
        "2:6: this row has more cells than the header; put a value that holds a comma in double quotes",
    ),
    "a column without a name": (
        HEADER.replace("\n", ",,cohort\n") + ROW.replace("\n", ",a note,spring\n"),
        "2:6: 'a note' stands in a column without a name; name the column in the header, or clear the cell",
    ),
    "a quote mark never closed": (
        HEADER + '"' + ROW,
        '2:1: a quote mark (") opened in this row is never closed; close it, or the file was saved only in part',
    ),
    "a quote mark inside a cell": (
        HEADER + ROW.replace("Sam Sample", '"Sam" Sample'),
        "2:1: a quote mark stands inside a cell of this row; "
        "save it as 'CSV UTF-8 (comma delimited)', which doubles it",
    ),
    "a date as Excel shows it": (
        HEADER + ROW.replace("2027-01-11", "11/01/2027"),
        "2:5: start_date: '11/01/2027' is no date; write 2027-01-11",
    ),
    "Windows-1252": (
        (HEADER + ROW.replace("Sam", "Zoë")).encode("cp1252"),
        "2:3: this file was saved as Windows-1252 or Latin-1, not as UTF-8; "
        "save it again as UTF-8 (in Excel: 'CSV UTF-8 (comma delimited)')",
    ),
}


@pytest.mark.parametrize("way", YAML_WAYS)
def test_a_damaged_leaders_yaml_gives_one_line_that_helps(tmp_path: Path, way: str):
    content, expected = YAML_WAYS[way]
    write_config(tmp_path, {"leaders.yaml": content})
    assert problems_in(tmp_path) == [f"leaders.yaml:{expected}"]


@pytest.mark.parametrize("way", CSV_WAYS)
def test_a_damaged_leaders_csv_gives_one_line_that_helps(tmp_path: Path, way: str):
    content, expected = CSV_WAYS[way]
    write_config(tmp_path, {"leaders.csv": content})
    assert problems_in(tmp_path) == [f"leaders.csv:{expected}"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + LEADER.encode(), id="a byte order mark"),
        pytest.param(LEADER.replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param(LEADER.rstrip("\n"), id="no line end at the end"),
        pytest.param("---\n" + LEADER, id="a line of dashes first"),
        pytest.param("# our leaders\n\n" + LEADER.replace("\n", "\n\n"), id="comments and empty lines"),
        pytest.param(LEADER.replace("director", '"director"'), id="quotes"),
        pytest.param(LEADER.replace("Sam Sample", "Sam\u00a0Sample"), id="a hard space in the name"),
        pytest.param(LEADER.replace("sam.sample@example.org", "Sam.Sample@Example.ORG"), id="capitals in the address"),
    ],
)
def test_what_editors_do_to_a_sound_leaders_yaml_does_not_matter(tmp_path: Path, content: str | bytes):
    (entry,) = load_leaders(tmp_path, content).roster["leaders.yaml"]
    assert (entry.leader.name, entry.leader.email, entry.role) == ("Sam Sample", "sam.sample@example.org", "director")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + (HEADER + ROW).encode(), id="a byte order mark"),
        pytest.param((HEADER + ROW).replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param("\n" + HEADER + ",,,,\n\n" + ROW + ",,,,\n", id="empty rows"),
        pytest.param("Name,E-mail,ROLE,Organisation,Start Date\n".replace("E-mail", "Email") + ROW, id="capitals"),
        pytest.param(HEADER + ROW.replace("Sam Sample", '"Sam Sample"'), id="quotes"),
        pytest.param(HEADER.replace("\n", ",cohort\n") + ROW, id="short rows"),
    ],
)
def test_what_spreadsheets_do_to_a_sound_leaders_csv_does_not_matter(tmp_path: Path, content: str | bytes):
    (entry,) = load_leaders(tmp_path, content, name="leaders.csv").roster["leaders.csv"]
    assert (entry.leader.name, entry.leader.email, entry.role) == ("Sam Sample", "sam.sample@example.org", "director")


@pytest.mark.parametrize("content", ["", "# nobody yet\n", "[]\n", "---\n", "\ufeff"])
def test_a_leaders_yaml_without_an_entry_has_no_leaders(tmp_path: Path, content: str):
    assert load_leaders(tmp_path, content).roster["leaders.yaml"] == ()


def test_a_file_beyond_eight_mebibytes_is_not_read(tmp_path: Path):
    write_config(tmp_path, {"leaders.yaml": b"#" * (8 * 1024 * 1024 + 1)})
    assert problems_in(tmp_path) == ["leaders.yaml: this file is larger than 8192 KiB; is it the right file?"]


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path):
    (write_config(tmp_path) / "leaders.yaml").mkdir()
    assert problems_in(tmp_path) == ["leaders.yaml: this file cannot be read (Is a directory); check its permissions"]
