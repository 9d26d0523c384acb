"""The pages on which leaders are enrolled, in a real browser: nothing that axe finds, nothing to scroll sideways."""

from pathlib import Path

import httpx2
import pytest

from tests.browser import open_browser
from tests.integration.commands.house import DEE_ROW
from tests.integration.web import test_admin_corrections as corrections
from tests.integration.web import test_admin_starters as starters
from tests.integration.web import test_admin_upload as uploads
from tests.integration.web.admin import enter
from tests.integration.web.enrolling import OTHER, SPRING, Office
from tests.integration.web.show import Gallery, Show, serving

WIDTHS = (375, 1280)

pytestmark = pytest.mark.browser


def hang(office: Office) -> dict[str, httpx2.Response]:
    """The pages by name, each in the states in which it can be met."""
    ada = enter(office.scene)
    moor = enter(office.scene, "moor@example.org", role="hr", organisations=(OTHER, "Dale Trust"))
    pages = {"starter": ada.get(starters.NEW), "starter of two organisations": moor.get(starters.NEW)}
    pages["starter misunderstood"] = starters.look(
        ada, name="", email="dee@example", away="soon", start_date="2027-02-30", id="x y", send_at="noon"
    )
    pages["starter with doubts"] = starters.look(ada, start_date="2029-01-11")
    pages["starter changed"] = starters.look(ada, email="sam.sample@example.org", working_days=["mon", "tue"])
    shown = starters.look(ada)
    stale = starters.save(ada, shown, seen="other")
    saved = starters.save(ada, shown)
    pages |= {"starter shown": shown, "starter moved meanwhile": stale, "saved": ada.go_on(saved)}
    pages["nothing to change"] = starters.look(ada)
    path = saved.headers["location"]
    pages["taken back"] = ada.go_on(ada.press(path, f"{path}/undo"))
    pages["receipt of nobody"] = ada.get(path)
    corrections.ask(office)
    pages["corrections"] = ada.get(corrections.PAGE)
    pages["overview with a correction"] = ada.get("/admin")
    pages["leader with a correction"] = ada.get("/admin/leaders/1")
    pages["upload"] = ada.get(uploads.UPLOAD)
    pages["upload refused"] = uploads.upload(ada, b"x" * 600_000)
    columns = uploads.upload(ada, uploads.HEAD + uploads.DEE + uploads.SAM_PROMOTED)
    pages["columns"] = columns
    pages["rows refused"] = uploads.look(ada, uploads.HEAD + uploads.DEE + "Bo,bo@example,Chiar,,2027-02-30\n" * 30)
    pages["sheet shown"] = uploads.press(ada, columns, "look", order="day-first")
    pages["sheet saved"] = ada.go_on(uploads.press(ada, pages["sheet shown"], "save"))
    pages["config in order"] = ada.get("/admin/config")
    office.roster = SPRING.replace("chief-executive", "chief-exectuive") + DEE_ROW.replace("2027", "2029")
    office.tick()
    pages["config broken"] = ada.get("/admin/config")
    pages["starter while config is broken"] = starters.look(ada)
    pages["correction while config is broken"] = corrections.press_page(ada, "apply")
    return pages


@pytest.mark.npm
def test_axe_finds_nothing_and_nothing_has_to_be_scrolled_sideways(office: Office, tmp_path: Path) -> None:
    pages = hang(office)
    served = serving(Gallery(office.scene.browser.app, pages))
    with served as base, open_browser(tmp_path / "profile") as browser:
        show = Show(office.scene, browser, base, tuple(pages))
        faults = show.find_faults(WIDTHS)
        show.browser.resize(width=375)
        show.browser.dress("light")
        for name in show.names:
            show.open_page(name)
            if show.browser.evaluate("document.documentElement.scrollWidth") != 375:
                faults.append(f"{name} has to be scrolled sideways")
        assert faults == [], "\n".join(faults)
