"""What a provider, or somebody on the way, may do to a sign-in: each gets a plain page, and nobody is let in."""

import base64
import gzip
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tests.integration.openid.double import CLIENT, SECRET, Double, make_key, say, say_bytes
from tests.integration.openid.stage import ADA, COOKIE, Stage, read_audit
from tests.integration.web.admin import read_text, visit
from web.openid import asking

DISCOVERY = "/.well-known/openid-configuration"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # nothing here is of a database

Change = Callable[[dict[str, Any]], object]


def refuse(stage: Stage, *, status: int, says: str) -> None:
    """A sign-in that leads nowhere: page, session, account and audit."""
    stage.prepare()
    before = stage.scene.tables(without=("sign_in_tries",))
    visitor = visit(stage.scene)
    page = stage.sign_in(visitor)
    assert page.status_code == status
    assert says in read_text(page)
    assert COOKIE not in visitor.browser.cookies
    assert f"{COOKIE}-openid" not in visitor.browser.cookies
    assert stage.scene.tables(without=("sign_in_tries",)) == before


def sign_otherwise(stage: Stage, sign: Callable[[Double, dict[str, Any]], str]) -> None:
    stage.double.sign = lambda claims: sign(stage.double, claims)


def put(**values: object) -> Change:
    return lambda document: document.update(values)


def drop(name: str) -> Change:
    return lambda document: document.pop(name)


def shift(name: str, seconds: int) -> Change:
    """An instant so long after the token was made."""
    return lambda claims: claims.update({name: claims["iat"] + seconds})


def end_with_slash(said: dict[str, Any]) -> None:
    said["issuer"] += "/"


# ---------------------------------------------------------------- ID tokens


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(put(iss="https://other.example.org"), id="another issuer"),
        pytest.param(drop("iss"), id="no issuer"),
        pytest.param(put(aud="another client"), id="for another"),
        pytest.param(put(aud=["another client"]), id="for others"),
        pytest.param(put(aud="another client", azp=CLIENT), id="made for us, and for another"),
        pytest.param(put(aud=[CLIENT, "another"]), id="for several, made for nobody named"),
        pytest.param(put(aud=[CLIENT, "another"], azp="another"), id="made for another"),
        pytest.param(put(azp="another"), id="ours, but made for another"),
        pytest.param(put(aud={"x": 1}), id="for an object"),
        pytest.param(drop("aud"), id="for nobody"),
        pytest.param(drop("exp"), id="for ever"),
        pytest.param(shift("exp", -121), id="over"),
        pytest.param(put(exp=True), id="until true"),
        pytest.param(shift("iat", 130), id="of the future"),
        pytest.param(shift("nbf", 130), id="not yet"),
        pytest.param(drop("iat"), id="of no time"),
        pytest.param(put(nonce="0" * 24), id="of another sign-in"),
        pytest.param(drop("nonce"), id="of no sign-in"),
        pytest.param(put(nonce=["x"]), id="of a list of sign-ins"),
        pytest.param(put(at_hash="AAAA"), id="with another access token"),
        pytest.param(drop("sub"), id="about nobody"),
        pytest.param(put(sub=""), id="about nothing"),
        pytest.param(put(sub="x" * 256), id="about somebody with a long name"),
        pytest.param(put(sub=7), id="about a number"),
        pytest.param(put(sub="a\0b"), id="about somebody with a NUL"),
        pytest.param(put(more="x" * 20_000), id="of 20 kB"),
    ],
)
def test_an_id_token_that_does_not_hold_here_and_now_lets_nobody_in(stage: Stage, change: Change) -> None:
    stage.double.alter_claims = change
    refuse(stage, status=400, says="did not vouch for you, or its answer did not hold")


@pytest.mark.parametrize("seconds", [-119, 119])
def test_two_clocks_may_differ_by_two_minutes(stage: Stage, seconds: int) -> None:
    stage.double.now = lambda: stage.scene.now + timedelta(seconds=seconds)
    stage.double.alter_claims = lambda claims: claims.update(exp=claims["iat"] + 1)
    stage.prepare()
    assert stage.sign_in().status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature_is_worth_nothing(stage: Stage, algorithm: str) -> None:
    def sign(_: Double, claims: dict[str, Any]) -> str:
        parts = [{"alg": algorithm, "kid": "first"}, claims]
        return (
            ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."
        )

    sign_otherwise(stage, sign)
    stage.double.description["id_token_signing_alg_values_supported"] = ["RS256", "none"]
    refuse(stage, status=400, says="did not hold")


def test_a_token_signed_with_the_secret_or_with_a_public_key_as_one_is_worth_nothing(stage: Stage) -> None:
    stage.double.description["id_token_signing_alg_values_supported"] = ["RS256", "HS256"]
    public = make_key("first").as_pem(private=False)
    for secret in (SECRET.encode(), public):
        key = OctKey.import_key(base64.urlsafe_b64encode(secret))
        sign_otherwise(stage, sign_with(key))
        refuse(stage, status=400, says="did not hold")


def sign_with(key: OctKey) -> Callable[[Double, dict[str, Any]], str]:
    return lambda _, claims: jwt.encode({"alg": "HS256", "kid": "first"}, claims, key)


def test_a_token_signed_in_a_way_that_the_provider_does_not_name_is_worth_nothing(stage: Stage) -> None:
    stage.double.keys = [ECKey.generate_key("P-256", {"kid": "curve"})]
    stage.double.description["id_token_signing_alg_values_supported"] = ["RS256"]
    refuse(stage, status=400, says="did not hold")


@pytest.mark.parametrize("kid", ["first", "unheard of"])
def test_a_token_signed_by_somebody_else_is_worth_nothing(stage: Stage, kid: str) -> None:
    other = make_key("somebody else's")
    sign_otherwise(stage, lambda _, claims: jwt.encode({"alg": "RS256", "kid": kid}, claims, other))
    refuse(stage, status=400, says="did not hold")


def test_a_token_that_brings_its_own_key_is_worth_nothing(stage: Stage) -> None:
    other = make_key("somebody else's")
    header = {"alg": "RS256", "kid": "first", "jwk": other.as_dict(private=False)}
    sign_otherwise(stage, lambda _, claims: jwt.encode(header, claims, other))
    refuse(stage, status=400, says="did not hold")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.e30", "é.é.é", "." * 1000])
def test_a_token_that_is_none_is_worth_nothing(stage: Stage, token: str) -> None:
    sign_otherwise(stage, lambda _, __: token)
    refuse(stage, status=400, says="did not hold")


def test_the_providers_new_key_is_fetched_and_its_old_one_is_good_no_more(stage: Stage) -> None:
    stage.prepare()
    assert stage.sign_in().status_code == 303
    assert stage.double.asked.count("/keys") == 1
    stage.double.keys = [make_key("second")]
    stage.scene.wait(seconds=11)
    assert stage.sign_in().status_code == 303
    assert stage.double.asked.count("/keys") == 2
    old = make_key("first")
    sign_otherwise(stage, lambda _, claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, old))
    assert stage.sign_in().status_code == 400


def test_forged_tokens_do_not_have_the_keys_fetched_again_and_again(stage: Stage) -> None:
    other = make_key("somebody else's")
    sign_otherwise(stage, lambda _, claims: jwt.encode({"alg": "RS256", "kid": "?"}, claims, other))
    for _ in range(5):
        assert stage.sign_in().status_code == 400
    assert stage.double.asked.count("/keys") == 1


def test_keys_of_a_kind_that_is_unknown_are_passed_over(stage: Stage) -> None:
    stage.prepare()
    document = {
        "keys": [
            {"kty": "from the future", "kid": "x"},
            {"kty": "RSA", "n": "?"},
            make_key("first").as_dict(private=False),
        ]
    }
    stage.double.respond["/keys"] = lambda handler: say(handler, document)
    assert stage.sign_in().status_code == 303


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": 5},
        {"keys": []},
        {"keys": [5]},
        {"keys": [{"kty": "RSA"}]},
        {"keys": [{"kty": "oct", "k": "eA"}]},
        {"keys": [make_key("first").as_dict(private=True)]},
    ],
)
def test_keys_that_are_none_let_nobody_in(stage: Stage, document: dict[str, Any]) -> None:
    stage.double.respond["/keys"] = lambda handler: say(handler, document)
    refuse(stage, status=400, says="did not hold")


# ---------------------------------------------------------------- the way there and back


def test_an_answer_that_belongs_to_another_browser_is_refused(stage: Stage) -> None:
    stage.prepare()
    attacker, victim = visit(stage.scene), visit(stage.scene)
    brought = stage.leave(attacker)
    page = stage.come_back(victim, brought)  # the victim has no sign-in under way
    assert (page.status_code, "was not begun here" in read_text(page)) == (400, True)
    stage.leave(victim)
    assert stage.come_back(victim, brought).status_code == 400  # and not with one of their own either
    assert "/token" not in stage.double.asked


def test_another_persons_code_cannot_be_put_into_ones_own_sign_in(stage: Stage) -> None:
    stage.prepare()
    attacker, victim = visit(stage.scene), visit(stage.scene)
    stolen = stage.leave(attacker)
    own = stage.leave(victim)
    assert stage.come_back(victim, {"code": stolen["code"], "state": own["state"]}).status_code == 400


def test_an_answer_counts_once(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    brought = stage.leave(visitor)
    cookie = visitor.browser.cookies[f"{COOKIE}-openid"]
    assert stage.come_back(visitor, brought).status_code == 303
    assert stage.come_back(visitor, brought).status_code == 400
    thief = visit(stage.scene)
    thief.browser.cookies.set(f"{COOKIE}-openid", cookie, domain="nudges.example.org", path="/")
    assert stage.come_back(thief, brought).status_code == 400  # the provider takes no code twice
    assert COOKIE not in thief.browser.cookies


def test_a_sign_in_takes_ten_minutes_at_most(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    brought = stage.leave(visitor)
    stage.scene.wait(minutes=10, seconds=1)
    page = stage.come_back(visitor, brought)
    assert (page.status_code, "longer than ten minutes" in read_text(page)) == (400, True)


def test_what_the_browser_holds_cannot_be_altered(stage: Stage) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    brought = stage.leave(visitor)
    held = visitor.browser.cookies[f"{COOKIE}-openid"]
    token, began, _ = held.split(".", 2)
    for changed in (f"{token}.{int(began) + 60}.", f"{token}.{began}.%2Fadmin%2Faudit", f"{token}.x.", "..", ""):
        thief = visit(stage.scene)
        headers = {"cookie": f"{COOKIE}-openid={changed}"}
        answer = thief.browser.get("/admin/openid/callback", params=brought, headers=headers, follow_redirects=False)
        assert answer.status_code == 400, changed
    assert "/token" not in stage.double.asked


@pytest.mark.parametrize("issuer", ["https://other.example.org", "", "x" * 9000])
def test_an_answer_of_another_provider_is_refused_before_its_code_is_used(stage: Stage, issuer: str) -> None:
    visitor = visit(stage.scene)
    brought = stage.leave(visitor)
    assert stage.come_back(visitor, {**brought, "iss": issuer}).status_code == 400
    assert "/token" not in stage.double.asked


def test_a_provider_that_names_itself_in_each_answer_has_to(stage: Stage) -> None:
    stage.prepare()
    stage.double.description["authorization_response_iss_parameter_supported"] = True
    visitor = visit(stage.scene)
    assert stage.come_back(visitor, stage.leave(visitor)).status_code == 400
    assert stage.come_back(visitor, {**stage.leave(visitor), "iss": stage.double.issuer}).status_code == 303


@pytest.mark.parametrize("error", ["access_denied", "login_required", "<script>alert(1)</script>", ""])
def test_an_error_that_the_provider_brings_is_not_repeated_on_the_page(stage: Stage, error: str) -> None:
    visitor = visit(stage.scene)
    brought = stage.leave(visitor)
    page = stage.come_back(visitor, {"state": brought["state"], "error": error, "error_description": "<b>bad</b>"})
    assert page.status_code == 400
    assert "You were not signed in" in read_text(page)
    assert "script" not in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize(
    "query", ["", "?state=", "?code=x", "?code=&state=x", "?state=a&state=b&code=c", "?code=%00&state=%00"]
)
def test_an_answer_without_a_sign_in_is_refused(stage: Stage, query: str) -> None:
    assert visit(stage.scene).get(f"/admin/openid/callback{query}").status_code == 400


def test_what_userinfo_says_of_somebody_else_does_not_count(stage: Stage) -> None:
    stage.double.person = {"sub": "person-1"}
    stage.double.userinfo = {"sub": "person-2", "email": ADA, "email_verified": True}
    refuse(stage, status=400, says="did not hold")


# ---------------------------------------------------------------- providers that are down, slow, huge, or someone else


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A blank each tenth of a second, for as long as anybody listens."""
    handler.send_response(200)
    handler.end_headers()
    never = threading.Event()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        never.wait(0.05)


def flood(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" " * 1024 * 1024)


def pack(handler: BaseHTTPRequestHandler) -> None:
    say_bytes(handler, gzip.compress(b"{" + b" " * 10_000_000 + b"}"), Content_Encoding="gzip")


def nest(handler: BaseHTTPRequestHandler) -> None:
    say_bytes(handler, b"[" * 200_000)


def lead_on(handler: BaseHTTPRequestHandler) -> None:
    say_bytes(handler, b"{}", status=302, Location="http://127.0.0.1:1/elsewhere")


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


FAULTS = [drip, flood, pack, nest, lead_on, hang_up]


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys", "/userinfo"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_provider_that_does_not_answer_well_gets_a_plain_page(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, path: str, fault: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    stage.prepare()
    visitor = visit(stage.scene)
    stage.double.person = {"sub": "person-1"}  # so that userinfo is asked, too
    brought = {} if path == DISCOVERY else stage.leave(visitor)
    stage.double.respond[path] = fault
    if fault is drip:
        monkeypatch.setattr(asking, "WHOLE_SECONDS", 0.3)
    page = stage.come_back(visitor, brought) if brought else visitor.get("/admin/openid")
    if (path, fault) == ("/token", lead_on):
        assert page.status_code == 400
    else:
        assert (page.status_code, "Sign-in is out of reach" in read_text(page)) == (503, True)
    assert COOKIE not in visitor.browser.cookies
    assert visitor.get("/admin/sign-in").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(put(issuer="https://other.example.org"), id="another issuer"),
        pytest.param(end_with_slash, id="a slash more"),
        pytest.param(drop("token_endpoint"), id="no token endpoint"),
        pytest.param(put(jwks_uri="http://keys.example.org/"), id="keys in the clear"),
        pytest.param(put(authorization_endpoint="javascript:alert(1)"), id="a script"),
        pytest.param(put(token_endpoint=["https://x.example.org"]), id="a list"),
        pytest.param(put(response_types_supported=["id_token"]), id="no codes"),
        pytest.param(put(response_types_supported="code"), id="no list"),
        pytest.param(put(code_challenge_methods_supported=["plain"]), id="no S256"),
        pytest.param(put(token_endpoint_auth_methods_supported=["tls_client_auth"]), id="no secret"),
    ],
)
def test_a_provider_that_describes_itself_badly_is_not_gone_to(stage: Stage, change: Change) -> None:
    change(stage.double.description)
    page = visit(stage.scene).get("/admin/openid")
    assert (page.status_code, "Sign-in is out of reach" in read_text(page)) == (503, True)


def test_a_provider_that_does_not_know_us_is_said_to_be_out_of_reach_and_the_log_says_why(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.double.respond["/token"] = lambda handler: say(handler, {"error": "invalid_client"}, status=401)
    refuse(stage, status=503, says="Sign-in is out of reach")
    assert "answers 401: invalid_client" in caplog.text
    assert SECRET not in caplog.text


def test_a_provider_that_is_down_is_asked_again_when_it_is_back(stage: Stage) -> None:
    stage.prepare()
    stage.double.respond[DISCOVERY] = lambda handler: say(handler, {}, status=502)
    assert visit(stage.scene).get("/admin/openid").status_code == 503
    del stage.double.respond[DISCOVERY]
    assert stage.sign_in().status_code == 303
    assert read_audit(stage.scene)[-1] == ("signed_in", ADA)


def test_what_the_provider_says_of_itself_is_asked_for_once_an_hour(stage: Stage) -> None:
    stage.prepare()
    for _ in range(3):
        assert stage.sign_in().status_code == 303
    assert stage.double.asked.count(DISCOVERY) == 1
    stage.scene.wait(minutes=61)
    assert stage.sign_in().status_code == 303
    assert stage.double.asked.count(DISCOVERY) == 2
    assert stage.double.asked.count("/keys") == 2
