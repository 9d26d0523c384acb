"""Signing in to the admin pages: with the right password, and with nothing else."""

from typing import cast

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.accounts import find_password, put_account, remove_account
from models.tables import AccountRow, AdminSessionRow, AuditRow
from tests.integration.web.admin import PASSWORD, enter, find_mark, invite, read_text, visit
from tests.integration.web.scene import Scene
from tests.integration.web.test_every_page import POLICY
from web.admin.letting_in import FAIL_PER_ADDRESS
from web.admin.sign_in import FAIL_PER_ACCOUNT

ADA = "ada@example.org"
COOKIE = "__Host-first100"


def read_actions(scene: Scene) -> list[tuple[str, str | None]]:
    lines = select(AuditRow.action, AuditRow.account).where(AuditRow.actor == "admin").order_by(AuditRow.id)
    with scene.database.reading() as session:
        return [(action, account) for action, account in session.execute(lines)]


def come_with(scene: Scene, token: str) -> int:
    """The status of a page for whoever holds this cookie."""
    headers = {"cookie": f"{COOKIE}={token}"}
    return visit(scene).browser.get("/admin", headers=headers, follow_redirects=False).status_code


# ---------------------------------------------------------------- in and out


def test_whoever_sets_a_password_can_sign_in_and_out(scene: Scene) -> None:
    visitor = visit(scene)
    done = visitor.press(invite(scene, ADA), password=PASSWORD, again=PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, "/admin/sign-in")

    answer = visitor.sign_in("  Ada@Example.org ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin")
    page = visitor.get("/admin")
    assert page.status_code == 200
    assert ADA in read_text(page)

    out = visitor.press("/admin", "/admin/sign-out")
    assert out.headers["location"] == "/admin/sign-in"
    assert visitor.get("/admin").status_code == 303
    assert read_actions(scene) == [
        ("account_added", ADA),
        ("password_set", ADA),
        ("signed_in", ADA),
        ("signed_out", ADA),
    ]


def test_a_cookie_that_was_signed_out_is_worth_nothing(scene: Scene) -> None:
    visitor = enter(scene)
    token = visitor.browser.cookies[COOKIE]
    assert come_with(scene, token) == 200
    visitor.press("/admin", "/admin/sign-out")
    assert come_with(scene, token) == 303


def test_every_sign_in_has_a_new_token_and_ends_the_old_one(scene: Scene) -> None:
    visitor = enter(scene)
    old = visitor.browser.cookies[COOKIE]
    visitor.sign_in(ADA)
    new = visitor.browser.cookies[COOKIE]
    assert new != old
    assert (come_with(scene, new), come_with(scene, old)) == (200, 303)


def test_a_token_that_somebody_planted_is_never_taken_over(scene: Scene) -> None:
    invite_path = invite(scene, ADA)
    visitor = visit(scene)
    visitor.press(invite_path, password=PASSWORD, again=PASSWORD)
    visitor.browser.cookies.set(COOKIE, "planted", domain="nudges.example.org", path="/")
    answer = visitor.sign_in(ADA)
    assert f"{COOKIE}=planted" not in answer.headers["set-cookie"]
    assert come_with(scene, "planted") == 303


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(scene: Scene) -> None:
    invite_path = invite(scene, ADA)
    visitor = visit(scene)
    visitor.press(invite_path, password=PASSWORD, again=PASSWORD)
    cookie = next(
        value for value in visitor.sign_in(ADA).headers.get_list("set-cookie") if value.startswith(f"{COOKIE}=")
    )
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_no_token_link_or_password_is_kept_as_it_is(scene: Scene) -> None:
    link = invite(scene, ADA)
    visitor = visit(scene)
    visitor.press(link, password=PASSWORD, again=PASSWORD)
    kept = str(scene.tables())
    visitor.sign_in(ADA)
    kept += str(scene.tables())
    for secret in (link.rpartition("/")[2], PASSWORD, visitor.browser.cookies[COOKIE]):
        assert secret not in kept
    assert "$argon2id$" in kept


def test_a_session_ends_when_nothing_is_done_for_long(scene: Scene) -> None:
    visitor = enter(scene)
    scene.wait(minutes=44)
    assert visitor.get("/admin").status_code == 200
    scene.wait(minutes=44)
    assert visitor.get("/admin").status_code == 200
    scene.wait(minutes=46)
    assert visitor.get("/admin").status_code == 303


def test_a_session_ends_after_ten_hours_whatever_is_done(scene: Scene) -> None:
    visitor = enter(scene)
    for _ in range(14):
        scene.wait(minutes=40)
        assert visitor.get("/admin").status_code == 200
    scene.wait(minutes=40)
    assert visitor.get("/admin").status_code == 303


def test_after_signing_in_one_comes_to_the_page_that_was_asked_for(scene: Scene) -> None:
    invite_path = invite(scene, ADA)
    visitor = visit(scene)
    visitor.press(invite_path, password=PASSWORD, again=PASSWORD)
    assert 'name="to" value="/admin/leaders"' in visitor.get("/admin/sign-in?to=/admin/leaders").text
    assert visitor.sign_in(ADA, to="/admin/leaders").headers["location"] == "/admin/leaders"


@pytest.mark.parametrize(
    "to",
    ["https://example.com", "//example.com", "/admin//example.com", "/admin/../x y", "/admin\\x", "\r\nx: y", "/a"],
)
def test_after_signing_in_nobody_is_led_elsewhere(scene: Scene, to: str) -> None:
    invite_path = invite(scene, ADA)
    visitor = visit(scene)
    visitor.press(invite_path, password=PASSWORD, again=PASSWORD)
    assert visitor.sign_in(ADA, to=to).headers["location"] == "/admin"


# ---------------------------------------------------------------- the wrong ones


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(scene: Scene) -> None:
    enter(scene)
    invite(scene, "new@example.org")  # has set no password yet
    stranger = visit(scene)
    emails = (ADA, "nobody@example.org", "new@example.org")
    pages = [stranger.sign_in(email, "not the password, surely") for email in emails]
    assert [page.status_code for page in pages] == [400, 400, 400]
    said = [
        page.text.replace(find_mark(page), "").replace(email, "") for page, email in zip(pages, emails, strict=True)
    ]
    assert said[0] == said[1] == said[2]
    assert "is not right" in said[0]
    assert COOKIE not in stranger.browser.cookies


def test_an_unknown_account_costs_as_many_hashes_as_a_known_one(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from web.admin import passwords

    enter(scene)
    passwords.verify_password(None, "once, so that what is compared with is made")
    hashed: list[int] = []
    verify = passwords._HASHER.verify  # pyright: ignore[reportPrivateUsage]

    class Counting:
        def verify(self, *given: str) -> bool:
            hashed.append(1)
            return verify(*given)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    visit(scene).sign_in(ADA, "wrong")
    visit(scene).sign_in("nobody@example.org", "wrong")
    assert len(hashed) == 2


def test_too_many_wrong_passwords_close_the_account_for_a_while_even_to_the_right_one(scene: Scene) -> None:
    enter(scene)
    for number in range(FAIL_PER_ACCOUNT):
        assert visit(scene, host=f"198.51.100.{number}").sign_in(ADA, "wrong").status_code == 400
    shut_out = visit(scene, host="198.51.100.200")
    assert shut_out.sign_in(ADA).status_code == 429
    reopened = open_scene_again(scene)
    assert visit(reopened, host="198.51.100.201").sign_in(ADA).status_code == 429  # a restart forgets nothing
    scene.wait(minutes=16)
    assert shut_out.sign_in(ADA).status_code == 303


def test_an_account_that_there_is_not_closes_just_the_same(scene: Scene) -> None:
    answers = [visit(scene).sign_in("nobody@example.org", "wrong").status_code for _ in range(FAIL_PER_ACCOUNT + 1)]
    assert answers == [400] * FAIL_PER_ACCOUNT + [429]


def test_one_address_cannot_try_many_accounts(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_kept: str | None, _password: str) -> bool:
        return False

    monkeypatch.setattr("web.admin.sign_in.verify_password", refuse)
    enter_later = invite(scene, ADA)
    visitor = visit(scene)
    for number in range(FAIL_PER_ADDRESS):
        assert visitor.sign_in(f"person{number}@example.org", "wrong").status_code == 400
    assert visitor.sign_in("another@example.org", "wrong").status_code == 429
    assert visit(scene, host="198.51.100.7").sign_in("another@example.org", "wrong").status_code == 400
    assert visitor.get(enter_later).status_code == 200


def test_signing_in_rightly_again_and_again_closes_nothing(scene: Scene) -> None:
    enter(scene)
    answers = [visit(scene).sign_in(ADA).status_code for _ in range(FAIL_PER_ACCOUNT + 2)]
    assert set(answers) == {303}


def open_scene_again(scene: Scene) -> Scene:
    """The same database behind another process's application."""
    from web.app import create_app

    return Scene(
        database=scene.database,
        site=scene.site,
        browser=type(scene.browser)(create_app(scene.site), base_url=scene.site.settings.public_url),
        programmes=scene.programmes,
        now=scene.now,
    )


# ---------------------------------------------------------------- links and passwords


def test_a_link_sets_one_password_and_then_leads_nowhere(scene: Scene) -> None:
    link, visitor = invite(scene, ADA), visit(scene)
    mark = find_mark(visitor.get(link))
    assert visitor.post(link, mark=mark, password=PASSWORD, again=PASSWORD).status_code == 303
    assert visitor.get(link).status_code == 404
    assert visitor.post(link, mark=mark, password=PASSWORD[::-1], again=PASSWORD[::-1]).status_code == 404
    assert visitor.sign_in(ADA).status_code == 303


def test_a_link_leads_nowhere_after_a_day(scene: Scene) -> None:
    link = invite(scene, ADA)
    scene.wait(hours=23, minutes=59)
    assert visit(scene).get(link).status_code == 200
    scene.wait(minutes=1)
    assert visit(scene).get(link).status_code == 404


def test_a_new_link_ends_the_old_one_and_every_session(scene: Scene) -> None:
    visitor, old = enter(scene), invite(scene, ADA)
    scene.wait(seconds=1)
    invite(scene, ADA)
    assert visitor.get(old).status_code == 404
    assert visitor.get("/admin").status_code == 303


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "has 5 characters"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats itself"),
        ("passwordpassword", "repeats itself"),
        ("ada@example.org.ada", "little more than your address"),
        ("x" * 201, "use 200 at most"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(scene: Scene, password: str, says: str) -> None:
    link = invite(scene, ADA)
    page = visit(scene).press(link, password=password, again=password)
    assert (page.status_code, says in read_text(page)) == (400, True)
    assert password not in page.text
    with scene.database.reading() as session:
        assert find_password(session, ADA) is None


def test_words_with_blanks_and_of_any_alphabet_make_a_password(scene: Scene) -> None:
    link, visitor = invite(scene, ADA), visit(scene)
    chosen = "Hühner ﬁschen 鳥 im Nebel"
    assert visitor.press(link, password=chosen, again=chosen).status_code == 303
    assert visitor.sign_in(ADA, "Hu\u0308hner fischen 鳥 im Nebel").status_code == 303  # typed on another keyboard


def test_two_that_differ_set_nothing(scene: Scene) -> None:
    page = visit(scene).press(invite(scene, ADA), password=PASSWORD, again=PASSWORD + "x")
    assert (page.status_code, "not the same" in page.text) == (400, True)


# ---------------------------------------------------------------- accounts that change


def test_removing_an_account_ends_its_sessions_at_once(scene: Scene) -> None:
    visitor = enter(scene)
    with scene.database.sessions.begin() as session:
        assert remove_account(session, "ADA@example.org", now=scene.now)
    assert visitor.get("/admin").status_code == 303
    with scene.database.reading() as session:
        assert session.scalars(select(AdminSessionRow)).all() == []
        assert session.scalars(select(AccountRow)).all() == []


def test_a_changed_role_signs_out_so_that_it_holds_at_once(scene: Scene) -> None:
    visitor = enter(scene)
    with scene.database.sessions.begin() as session:
        assert not put_account(session, ADA, role="viewer", organisations=(), link="another", now=scene.now)
    assert visitor.get("/admin").status_code == 303


# ---------------------------------------------------------------- every admin address


def list_admin_routes(scene: Scene) -> list[tuple[str, str]]:
    """Each method and path below /admin, parameters filled with a number."""
    routes = cast(FastAPI, scene.browser.app).openapi()["paths"]
    return [
        (
            method.upper(),
            path.replace("{enrolment_id}", f"{scene.enrolment_id}").replace("{mail_id}", f"{scene.mail_id}"),
        )
        for path, methods in routes.items()
        if path.startswith("/admin") and "/password/" not in path and path != "/admin/sign-in"
        for method in methods
    ]


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
def test_without_signing_in_no_address_answers_and_nothing_changes(scene: Scene) -> None:
    before, stranger = scene.tables(), visit(scene)
    routes = list_admin_routes(scene)
    assert ("GET", "/admin") in routes
    for method, path in routes:
        answer = stranger.browser.request(method, path, follow_redirects=False)
        assert answer.status_code in (303, 403), (method, path)
        assert answer.text == "" or answer.status_code == 403
    assert scene.tables() == before


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
@pytest.mark.parametrize("mark", ["", "0" * 24, "ä", "mark of another session"])
def test_a_press_without_the_mark_of_its_page_is_refused_and_changes_nothing(scene: Scene, mark: str) -> None:
    visitor = enter(scene)
    if mark.startswith("mark of"):
        mark = find_mark(enter(scene, "bob@example.org").get("/admin"))
    before = scene.tables()
    presses = [path for method, path in list_admin_routes(scene) if method == "POST"]
    assert "/admin/sign-out" in presses
    for path in presses:
        assert visitor.post(path, mark=mark).status_code == 403, path
    assert scene.tables() == before


def test_signing_in_takes_a_press_on_a_page_of_ours(scene: Scene) -> None:
    enter(scene)
    stranger = visit(scene)
    assert stranger.post("/admin/sign-in", email=ADA, password=PASSWORD).status_code == 403
    mark = find_mark(visit(scene).get("/admin/sign-in"))  # the attacker's own, for a cookie the victim has not got
    stranger.get("/admin/sign-in")
    assert stranger.post("/admin/sign-in", email=ADA, password=PASSWORD, mark=mark).status_code == 403


def test_admin_pages_carry_the_headers_that_protect_them(scene: Scene) -> None:
    visitor = enter(scene)
    for path in ("/admin", "/admin/sign-in"):
        headers = visitor.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["strict-transport-security"] == "max-age=31536000"


def test_strange_cookies_are_nobody(scene: Scene) -> None:
    for value in ("", "x", "x" * 4000, "%00", "' OR 1=1 --"):
        assert come_with(scene, value) == 303
