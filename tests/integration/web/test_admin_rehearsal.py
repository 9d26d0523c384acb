"""A role's rehearsal on the admin pages: the files of `rehearse`, under a policy that they keep to."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from rehearsal.storyboard.shelf import Shelf
from tests.integration.web.admin import enter, visit
from tests.integration.web.enrolling import Office

PLACE = "/admin/rehearsal/first-100-days/chair"


def test_the_programmes_page_leads_to_every_mail_of_the_role(office: Office) -> None:
    vic = enter(office.scene, role="viewer")
    page = vic.get("/admin/programme?role=chair")
    assert f'<a href="{PLACE}/index.html">Every mail of Chair as it will read</a>' in page.text
    index = vic.get(f"{PLACE}/index.html")
    assert (index.status_code, index.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Every mail of the first 100 days" in index.text
    linked = set(re.findall(r'(?:href|src)="([\w./-]+)[#"]', index.text))
    assert len(linked) > 50
    assert {vic.get(f"{PLACE}/{file}").status_code for file in linked} == {200}
    assert "Reader" in vic.get(f"{PLACE}/first-100-days/chair/2027-01-11/none/01.html").text


def test_a_mail_is_shown_with_its_own_styles_and_without_any_script(office: Office) -> None:
    vic = enter(office.scene, role="viewer")
    mail = vic.get(f"{PLACE}/first-100-days/chair/2027-01-11/none/01.mail.html")
    policy = mail.headers["content-security-policy"]
    assert ("style-src 'unsafe-inline'" in policy, "script-src" in policy) == (True, False)
    assert "frame-ancestors 'self'" in policy
    assert mail.headers["x-content-type-options"] == "nosniff"
    page = vic.get(f"{PLACE}/index.html")
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/rehearsal/first-100-days/emperor/index.html",
        "/admin/rehearsal/nothing/chair/index.html",
        f"{PLACE}/nothing.html",
        f"{PLACE}/",
        f"{PLACE}/../../../../etc/passwd",
        f"{PLACE}/%2e%2e/%2e%2e/index.html",
    ],
)
def test_what_is_no_file_of_a_rehearsal_is_not_found(office: Office, path: str) -> None:
    assert enter(office.scene, role="viewer").get(path).status_code == 404


def test_only_who_is_signed_in_may_look(office: Office) -> None:
    assert visit(office.scene).get(f"{PLACE}/index.html").status_code == 303


def test_a_rehearsal_is_kept_until_the_programme_or_the_day_is_another(office: Office) -> None:
    house, site = office.house, office.opened.site
    programme = site.programmes()["first-100-days"]
    shelf = Shelf(site.settings, lambda: house.now)
    first = shelf.take(programme, "chair")
    house.now += timedelta(hours=3)
    assert shelf.take(programme, "chair") is first
    assert shelf.take(replace(programme, name="Another"), "chair") is not first
    house.now += timedelta(days=1)
    assert shelf.take(programme, "chair") is not first
