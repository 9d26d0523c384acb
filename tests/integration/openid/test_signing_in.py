"""Signing in by OpenID Connect: who is let in, as whom, and who is not."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from models.accounts import put_account, remove_account
from tests.integration.openid.stage import ADA, CALLBACK, COOKIE, Stage, change_settings, read_audit
from tests.integration.web.admin import enter, find_mark, invite, read_text, visit
from web.admin.letting_in import FAIL_PER_ADDRESS


def is_in(answer: httpx2.Response) -> bool:
    """Whether an answer signs somebody in."""
    return answer.status_code == 303 and any(
        cookie.startswith(f"{COOKIE}=") for cookie in answer.headers.get_list("set-cookie")
    )


def test_the_address_at_the_provider_asks_for_a_code_and_binds_it(stage: Stage) -> None:
    away = visit(stage.scene).get("/admin/openid")
    address = urlsplit(away.headers["location"])
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{stage.double.issuer}/authorize"
    assert query["response_type"] == "code"
    assert query["client_id"] == "first100"
    assert query["redirect_uri"] == f"https://nudges.example.org{CALLBACK}"
    assert query["scope"] == "openid email"
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    kept = away.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}-openid=")
    assert all(word in kept for word in ("HttpOnly", "Secure", "SameSite=lax", "Max-Age=600"))
    assert not any(query[name] in kept for name in ("state", "nonce", "code_challenge"))


def test_whoever_has_the_verified_address_of_an_account_is_bound_to_it_at_first(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    answer = stage.sign_in(visitor)
    assert is_in(answer)
    assert answer.headers["location"] == "/admin"
    assert ADA in read_text(visitor.get("/admin"))
    assert read_audit(stage.scene) == [("account_added", ADA), ("account_bound", ADA), ("signed_in", ADA)]


def test_who_is_bound_is_known_by_the_providers_name_and_no_more_by_the_address(stage: Stage) -> None:
    stage.prepare()
    assert is_in(stage.sign_in())
    stage.double.person = {"sub": "person-1", "email": "ada.married@example.org", "email_verified": True}
    assert is_in(stage.sign_in())
    stage.double.person = {"sub": "person-1"}
    assert is_in(stage.sign_in())


def test_whoever_gets_somebodys_old_address_does_not_get_their_account(stage: Stage) -> None:
    stage.prepare()
    assert is_in(stage.sign_in())
    stage.double.person = {"sub": "person-2", "email": ADA, "email_verified": True}
    refused = stage.sign_in()
    assert (refused.status_code, is_in(refused)) == (403, False)
    assert read_audit(stage.scene)[-1] == ("sign_in_refused", ADA)


def test_after_removing_and_adding_an_account_it_is_bound_anew(stage: Stage) -> None:
    stage.prepare()
    assert is_in(stage.sign_in())
    stage.double.person["sub"] = "person-2"
    stage.prepare()
    assert stage.sign_in().status_code == 403
    with stage.scene.database.sessions.begin() as session:
        remove_account(session, ADA, now=stage.scene.now)
    stage.prepare()
    assert is_in(stage.sign_in())


@pytest.mark.parametrize("verified", [False, None, "false", 0, "yes", [True], {"yes": True}, 2])
def test_an_address_that_the_provider_has_not_verified_is_nobodys(stage: Stage, verified: object) -> None:
    stage.prepare()
    stage.double.person["email_verified"] = verified
    assert stage.sign_in().status_code == 403
    del stage.double.person["email_verified"]
    assert stage.sign_in().status_code == 403


@pytest.mark.parametrize("email", [None, 5, [ADA], "", "ada@example.org\0", "ada@example.com"])
def test_without_an_account_for_the_address_nobody_is_let_in(stage: Stage, email: object) -> None:
    stage.prepare()
    stage.double.person["email"] = email
    page = stage.sign_in()
    assert page.status_code == 403
    assert "No account here is yours" in read_text(page)


def test_unknown_people_get_the_same_page_whatever_the_reason(stage: Stage) -> None:
    enter(stage.scene, "local@example.org")
    stage.double.person["email"] = "local@example.org"  # an account, and with a password
    pages = [stage.sign_in()]
    stage.double.person["email"] = "nobody@example.org"
    pages.append(stage.sign_in())
    stage.double.person["email_verified"] = False
    pages.append(stage.sign_in())
    assert {page.text for page in pages} == {pages[0].text}
    assert {page.status_code for page in pages} == {403}


def test_an_account_with_a_password_is_not_opened_by_the_provider(stage: Stage) -> None:
    enter(stage.scene, ADA)
    assert stage.sign_in().status_code == 403


def test_an_account_of_openid_connect_has_no_password(stage: Stage) -> None:
    enter(stage.scene, ADA)
    stage.prepare()
    assert visit(stage.scene).sign_in(ADA).status_code == 400
    assert is_in(stage.sign_in())


def test_a_link_for_a_password_takes_the_provider_away_from_an_account(stage: Stage) -> None:
    stage.prepare()
    assert is_in(stage.sign_in())
    enter(stage.scene, ADA)
    assert stage.sign_in().status_code == 403


def test_the_claim_that_says_verified_may_have_another_name(stage: Stage) -> None:
    other = change_settings(stage, openid_verified_claim="xms_edov")
    other.prepare()
    stage.double.person = {"sub": "person-1", "email": ADA, "email_verified": True}
    assert other.sign_in().status_code == 403
    stage.double.person = {"sub": "person-1", "email": ADA, "xms_edov": True}
    assert is_in(other.sign_in())


def test_an_address_that_only_the_userinfo_has_is_asked_for_there(stage: Stage) -> None:
    stage.prepare()
    stage.double.userinfo = dict(stage.double.person)
    stage.double.person = {"sub": "person-1"}
    assert is_in(stage.sign_in())
    assert "/userinfo" in stage.double.asked


def test_a_secret_may_have_to_be_posted(stage: Stage) -> None:
    stage.prepare()
    stage.double.description["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert is_in(stage.sign_in())


# ---------------------------------------------------------------- sessions


def test_every_sign_in_has_a_new_token_and_ends_the_old_one(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    stage.sign_in(visitor)
    old = visitor.browser.cookies[COOKIE]
    stage.sign_in(visitor)
    assert visitor.browser.cookies[COOKIE] != old
    headers = {"cookie": f"{COOKIE}={old}"}
    assert visit(stage.scene).browser.get("/admin", headers=headers, follow_redirects=False).status_code == 303


def test_what_the_browser_held_on_the_way_is_taken_back(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    stage.sign_in(visitor)
    assert f"{COOKIE}-openid" not in visitor.browser.cookies


def test_one_comes_to_the_page_that_was_asked_for(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    page = visitor.get("/admin/sign-in?to=/admin/leaders")
    assert 'href="/admin/openid?to=/admin/leaders"' in page.text
    assert stage.sign_in(visitor, to="/admin/leaders").headers["location"] == "/admin/leaders"


@pytest.mark.parametrize("to", ["https://example.com", "//example.com", "/admin//x", "/admin\\x", "\r\nx: y", "/é"])
def test_nobody_is_led_elsewhere(stage: Stage, to: str) -> None:
    stage.prepare()
    assert stage.sign_in(to=to).headers["location"] == "/admin"


def test_signing_out_says_what_is_left_to_do_at_the_provider(stage: Stage) -> None:
    stage.double.description["end_session_endpoint"] = f"{stage.double.issuer}/out?from=here"
    stage.prepare()
    visitor = visit(stage.scene)
    stage.sign_in(visitor)
    out = visitor.press("/admin", "/admin/sign-out")
    assert out.headers["location"] == "/admin/signed-out"
    assert visitor.get("/admin").status_code == 303
    page = visitor.go_on(out)
    assert "With Example ID you may still be signed in" in read_text(page)
    assert 'href="/admin/openid/sign-out"' in page.text
    assert visitor.get("/admin/openid/sign-out").headers["location"] == (
        f"{stage.double.issuer}/out?from=here&client_id=first100"
        "&post_logout_redirect_uri=https%3A%2F%2Fnudges.example.org%2Fadmin%2Fsign-in"
    )
    assert read_audit(stage.scene)[-1] == ("signed_out", ADA)


def test_a_provider_that_signs_nobody_out_is_not_asked_to(stage: Stage) -> None:
    page = visit(stage.scene).get("/admin/openid/sign-out")
    assert (page.status_code, "Close all windows" in read_text(page)) == (404, True)


def test_too_many_who_fail_from_one_address_are_sent_away(stage: Stage) -> None:
    visitor = visit(stage.scene)
    answers = [stage.sign_in(visitor).status_code for _ in range(FAIL_PER_ADDRESS + 1)]
    assert answers == [403] * FAIL_PER_ADDRESS + [429]


# ---------------------------------------------------------------- without passwords


def test_where_passwords_are_forbidden_none_is_taken_and_no_session_of_one_holds(stage: Stage) -> None:
    before = enter(stage.scene, "local@example.org")
    link = invite(stage.scene, "new@example.org")
    strict = change_settings(stage, local_sign_in=False)
    strict.prepare()
    visitor = visit(strict.scene)
    page = visitor.get("/admin/sign-in")
    assert "Password" not in page.text
    assert "Sign in with Example ID" in read_text(page)
    mark = find_mark(before.get("/admin"))
    assert visitor.post("/admin/sign-in", email="local@example.org", password="x", mark=mark).status_code == 404
    assert visitor.get(link).status_code == 404
    assert visitor.post(link, mark="x").status_code == 404
    headers = {"cookie": f"{COOKIE}={before.browser.cookies[COOKIE]}"}
    assert visit(strict.scene).browser.get("/admin", headers=headers, follow_redirects=False).status_code == 303
    assert is_in(strict.sign_in())


def test_the_page_offers_both_ways_where_both_are_open(stage: Stage) -> None:
    words = read_text(visit(stage.scene).get("/admin/sign-in"))
    assert "Sign in with Example ID" in words
    assert "Or with a password of this service" in words


def test_an_account_made_for_the_provider_keeps_whom_it_is_bound_to_when_its_role_changes(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    stage.sign_in(visitor)
    with stage.scene.database.sessions.begin() as session:
        put_account(session, ADA, role="viewer", organisations=("Example Hospitals",), link=None, now=stage.scene.now)
    assert visitor.get("/admin").status_code == 303
    stage.double.person = {"sub": "person-1"}
    assert is_in(stage.sign_in(visitor))
    assert visitor.get("/admin/audit").status_code == 403
