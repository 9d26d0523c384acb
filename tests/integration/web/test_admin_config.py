"""The page that says what is wrong with the config, and what the service goes by meanwhile."""

from datetime import date

from config.load import Inspection, inspect_config
from tests.integration.commands.house import DEE_ROW
from tests.integration.web.admin import enter, read_text
from tests.integration.web.enrolling import OWN, SPRING, Office
from web.admin.config_problems import find_problems, name_state

PAGE = "/admin/config"


def test_a_broken_file_is_told_with_its_lines_since_when_and_what_is_in_use(office: Office) -> None:
    ada = enter(office.scene)
    assert "All files can be read, and are in order." in read_text(ada.get(PAGE))
    assert "wrong)" not in ada.get("/admin").text
    office.roster = SPRING.replace("chief-executive", "chief-exectuive")
    text = read_text(ada.get(PAGE))
    assert (
        "leaders.yaml:4:9: role: 'chief-exectuive' is no role of first-100-days; did you mean chief-executive?" in text
    )
    assert "The service has not noticed yet" in text
    office.tick()
    office.house.now = office.house.now.replace(minute=20)
    office.roster = "\n" + office.roster
    office.tick()  # the same mistake, a line further down
    text = read_text(ada.get(PAGE))
    assert "Wrong since Mon 07 Dec 2026, 09:00 UTC. In use: its last good state, with 1 leader." in text
    assert "leaders.yaml:5:9: role:" in text
    assert "Config (1 wrong)" in read_text(ada.get("/admin"))
    office.roster = SPRING
    office.tick()
    assert "All files can be read" in read_text(ada.get(PAGE))
    assert "wrong)" not in ada.get("/admin").text


def test_files_are_told_apart_and_warnings_come_below(office: Office) -> None:
    ada = enter(office.scene)
    office.roster = SPRING + DEE_ROW.replace("2027-01-11", "2029-01-11")
    assert "days ahead; is the year right?" in read_text(ada.get(PAGE)).partition("Warnings")[2]
    (office.house.config / "first-100-days" / "roles.yaml").write_text("[", encoding="utf-8")
    office.roster = "name"
    office.tick()
    text = read_text(ada.get(PAGE))
    assert "roles.yaml Wrong since Mon 07 Dec 2026, 09:00 UTC. In use: its last good state." in text
    assert "leaders.yaml Wrong since Mon 07 Dec 2026, 09:00 UTC. In use: its last good state, with 1 leader." in text


def test_only_accounts_for_all_organisations_see_lines_that_may_name_anybody(office: Office) -> None:
    moor = enter(office.scene, "moor@example.org", organisations=(OWN,))
    office.roster = "name"
    office.tick()
    assert moor.get(PAGE).status_code == 403
    assert PAGE not in moor.get("/admin").text
    assert enter(office.scene, "vic@example.org", role="viewer").get(PAGE).status_code == 200


def test_files_that_have_not_changed_are_not_read_again(office: Office) -> None:
    """Nor is a change of one letter missed, nor a file that takes another's place."""
    folder, read = office.house.config, list[int]()

    def inspect() -> Inspection:
        read.append(len(read))
        return inspect_config(folder, {}, today=date(2026, 12, 7))

    def look() -> int:
        find_problems(inspect, name_state(folder), date(2026, 12, 7))
        return len(read)

    assert (look(), look()) == (1, 1)
    office.roster = SPRING.replace("chief-executive", "chief-exectuive")
    assert (look(), look()) == (2, 2)
    (folder / "tips.tmp").write_text("no file of ours", encoding="utf-8")
    assert look() == 2
    (folder / "leaders.csv").write_text("name,email,role,organisation,start_date\n", encoding="utf-8")
    assert look() == 3
