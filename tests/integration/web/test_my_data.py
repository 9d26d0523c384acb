"""A leader's own data: a fresh link opens it, a press hands it over or erases it, and no mail comes after."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.failures import DatabaseError
from models.ledger import read_ledger
from models.tables import ErasureRow, MailRow
from scheduler.erasing import finish_erasures
from tests.integration.web.scene import Scene, open_scene
from tests.integration.web.test_notes import mailed

SAM = "sam.sample@example.org"


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Scene:
    return open_scene(database, data=tmp_path)


def unfinished(scene: Scene) -> list[object]:
    with scene.database.reading() as session:
        return [left for left in session.scalars(select(ErasureRow.left_to_do)) if left is not None]


# ---------------------------------------------------------------- the fresh link


def test_a_link_to_my_data_goes_to_the_leaders_own_address_alone(scene: Scene) -> None:
    page = scene.press(scene.preferences, action="my-data")

    (mail,) = mailed(scene)
    assert (mail["to"], mail["minutes"]) == (SAM, "30")
    assert mail["url"] not in page.text
    assert len(mail["url"]) <= 80
    assert "Download my data" in scene.get(mail["url"].removeprefix(scene.site.settings.public_url)).text


def test_no_second_link_goes_within_five_minutes_even_when_the_first_was_sent(scene: Scene) -> None:
    scene.press(scene.preferences, action="my-data")
    with scene.database.sessions.begin() as session:
        sent = {"state": "sent", "notice": None, "subject": "Your link, as you asked"}
        session.execute(update(MailRow).where(MailRow.kind != "nudge", MailRow.notice.is_not(None)).values(**sent))

    assert "press again in five minutes" in scene.press(scene.preferences, action="my-data").text
    assert mailed(scene) == []
    scene.wait(minutes=6)
    scene.press(scene.preferences, action="my-data")
    assert len(mailed(scene)) == 1


@pytest.mark.parametrize("action", ["download", "erase", "erase-now"])
def test_after_half_an_hour_nothing_can_be_done_but_to_ask_again(scene: Scene, action: str) -> None:
    link = scene.my_data()
    nonce = scene.nonce(link)
    scene.wait(minutes=30)

    late = scene.press(link, nonce=nonce, action=action)
    assert late.status_code == 400
    assert "time is over" in late.text
    assert "Download my data" not in late.text
    scene.press(link, action="send")
    assert [mail["to"] for mail in mailed(scene)] == [SAM]
    assert scene.get(scene.preferences).status_code == 200


def test_a_link_without_an_end_opens_nothing(scene: Scene) -> None:
    assert scene.get(scene.path("d", scene.enrolment_id, scene.mail_id)).status_code == 404
    assert scene.get(scene.preferences.replace("/p/", "/d/")).status_code == 404


def test_looking_with_get_or_head_changes_nothing(scene: Scene) -> None:
    before = scene.tables(without=["events"])
    for _ in range(3):
        assert scene.get(scene.my_data()).status_code == 200
        assert scene.browser.head(scene.my_data()).status_code == 200

    assert scene.tables(without=["events"]) == before


@pytest.mark.parametrize(
    "fields", [{"action": "erase-now", "nonce": "x"}, {"action": "erase-now"}, {"action": "burn"}, {}]
)
def test_a_press_that_no_page_of_ours_offered_does_nothing(scene: Scene, fields: dict[str, str]) -> None:
    answer = scene.browser.post(scene.my_data(), data=fields)

    assert answer.status_code == 400
    assert scene.get(scene.preferences).status_code == 200


# ---------------------------------------------------------------- taking it away


def test_the_data_come_as_one_file_that_nobody_keeps(scene: Scene) -> None:
    handed = scene.press(scene.my_data(), action="download")

    assert handed.status_code == 200
    assert handed.headers["content-type"] == "application/zip"
    assert handed.headers["content-disposition"] == 'attachment; filename="my-data.zip"'
    assert handed.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(handed.content)) as archive:
        assert archive.namelist() == ["my-data.html", "my-data.json"]
        assert SAM.encode() in archive.read("my-data.html")


# ---------------------------------------------------------------- erasing


def test_erasing_is_asked_once_more_and_then_done(scene: Scene, tmp_path: Path) -> None:
    asked = scene.press(scene.my_data(), action="erase")
    assert "This cannot be undone." in asked.text
    assert scene.get(scene.preferences).status_code == 200
    link = scene.my_data()

    done = scene.press(link, action="erase-now")

    assert done.status_code == 200
    (erasure,) = read_ledger(tmp_path).values()
    assert erasure.by == "leader"
    assert f"Receipt {erasure.receipt}: erased on 12 January 2027" in done.text
    assert "1 person" in done.text
    assert SAM not in done.text
    assert "Sam Sample" not in done.text
    for path in (scene.preferences, link, scene.question()):
        assert (scene.get(path).status_code, scene.get(path).text) == (404, scene.get("/a/unknown").text)


def test_no_mail_comes_after_it_not_even_what_was_planned(scene: Scene) -> None:
    scene.add_mail()
    scene.press(scene.preferences, action="my-data")
    scene.press(scene.my_data(), action="erase-now")

    with scene.database.reading() as session:
        assert session.scalars(select(MailRow.id)).all() == []


def test_a_mail_on_its_way_puts_erasing_off(scene: Scene) -> None:
    until = {"state": "sending", "lease_until": scene.now + timedelta(minutes=10)}
    scene.add_mail(**until)

    refused = scene.press(scene.my_data(), action="erase-now")
    assert refused.status_code == 400
    assert "press again in a minute" in refused.text
    assert scene.get(scene.preferences).status_code == 200


def test_what_cannot_be_finished_now_is_no_fault_for_the_leader(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("the receipt cannot be written")

    with monkeypatch.context() as patch:
        patch.setattr("scheduler.erasing.keep_receipt", fail)
        done = scene.press(scene.my_data(), action="erase-now")
    assert done.status_code == 200
    assert "Receipt E20270112-" in done.text
    assert len(unfinished(scene)) == 1

    assert scene.site.erasing is not None
    finish_erasures(scene.site.erasing)
    assert len(list((tmp_path / "receipts").iterdir())) == 1


def test_without_a_folder_for_it_nothing_can_be_erased(database: Database) -> None:
    scene = open_scene(database)

    assert "Erase" not in scene.get(scene.my_data()).text
    assert scene.press(scene.my_data(), action="erase-now").status_code == 404
    assert scene.get(scene.preferences).status_code == 200
