"""`export` as people run it."""

import zipfile

from tests.builders import at
from tests.integration.commands.house import ROW, House

SAM = "sam.sample@example.org"


def enrol_sam(house: House) -> None:
    house.write_roster(ROW)
    house.run("tick")
    house.now = at("2026-12-21 08:30")
    house.run("tick")


def test_an_export_is_a_file_for_this_account_alone(house: House) -> None:
    enrol_sam(house)
    out = house.folder / "sam.zip"

    outcome = house.run("export", SAM, "--out", str(out))

    assert (outcome.code, outcome.err) == (0, "")
    size = out.stat().st_size
    assert outcome.out == f"{out}: {size} bytes; my-data.html in it is for people, my-data.json for programs.\n"
    assert out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in house.folder.glob(".*")] == []
    with zipfile.ZipFile(out) as archive:
        assert b"leaders.yaml:1" in archive.read("my-data.html")


def test_a_file_that_is_there_is_written_over_only_when_told_to_and_that_is_said(house: House) -> None:
    enrol_sam(house)
    out = house.folder / "sam.zip"
    out.write_text("mine")

    refused = house.run("export", SAM, "--out", str(out))
    assert (refused.code, refused.err) == (1, f"{out} is there already; name a new file, or say --replace\n")
    assert out.read_text() == "mine"

    replaced = house.run("export", SAM, "--out", str(out), "--replace")
    assert replaced.out.startswith(f"{out}: replaced; ")
    assert zipfile.is_zipfile(out)
    document = house.run("export", SAM, "--out", str(out), "--replace", "--json").document
    assert document == {"file": str(out), "bytes": out.stat().st_size, "replaced": True}


def test_an_id_names_somebody_as_well_as_an_address(house: House) -> None:
    house.write_roster(ROW + "  id: ESR-77431\n")
    house.run("tick")

    assert house.run("export", "esr-77431", "--out", str(house.folder / "sam.zip")).code == 0


def test_what_is_wrong_is_said_in_a_line(house: House) -> None:
    enrol_sam(house)
    nobody = house.run("export", "nobody@example.org", "--out", str(house.folder / "x.zip"))
    assert (nobody.code, nobody.err) == (1, "nothing is kept about anybody with the address or id nobody@example.org\n")

    nowhere = house.folder / "missing" / "x.zip"
    lost = house.run("export", SAM, "--out", str(nowhere))
    assert (lost.code, lost.err) == (1, f"{nowhere}: cannot be written: No such file or directory\n")

    house.run("erase", SAM, "--yes")
    erased = house.run("export", SAM, "--out", str(house.folder / "x.zip"))
    assert erased.code == 1
    assert "was erased on 2026-12-21" in erased.err
    assert not (house.folder / "x.zip").exists()
