"""A provider of our own on loopback, which does what a test wants of it: well-behaved at first, then as bad as needed.

It speaks HTTP, signs with real keys, takes each code once and holds it to the proof of who began.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "first100", "a secret that the provider made"
Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Double:
    """What it says and does; a test changes it at will. `now`: by its own clock."""

    issuer: str
    now: Callable[[], datetime] = lambda: datetime(2027, 1, 1, tzinfo=UTC)
    keys: list[RSAKey | ECKey] = field(default_factory=lambda: [make_key("first")])
    description: dict[str, Any] = field(init=False)
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "person-1", "email": "ada@example.org", "email_verified": True}
    )
    userinfo: dict[str, Any] | None = None
    alter_claims: Callable[[dict[str, Any]], object] = lambda claims: None
    sign: Callable[[dict[str, Any]], str] | None = None
    respond: dict[str, Respond] = field(default_factory=dict[str, Respond])  # by path, in place of what is right
    asked: list[str] = field(default_factory=list[str])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def __post_init__(self) -> None:
        self.description = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        }

    def let_through(self, address: str) -> dict[str, str]:
        """What a browser that is sent to this address brings back after its user signed in."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        self.asked.append(path)
        if path in self.respond:
            self.respond[path](handler)
        elif path == "/.well-known/openid-configuration":
            say(handler, self.description)
        elif path == "/keys":
            say(handler, KeySet(list(self.keys)).as_dict(private=False))
        elif path == "/userinfo" and handler.headers["Authorization"] == "Bearer the access token":
            say(handler, self.userinfo or self.person)
        elif path == "/token":
            self._redeem(handler)
        else:
            say(handler, {"error": "not_found"}, status=404)

    def _redeem(self, handler: BaseHTTPRequestHandler) -> None:
        sent = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(sent).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if handler.headers["Authorization"] != f"Basic {basic}" and not posted:
            say(handler, {"error": "invalid_client"}, status=401)
            return
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            say(handler, {"error": "invalid_grant"}, status=400)
            return
        now = int(self.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        self.alter_claims(claims)
        token = (self.sign or self.sign_well)(claims)
        say(handler, {"access_token": "the access token", "token_type": "Bearer", "id_token": token})

    def sign_well(self, claims: dict[str, Any]) -> str:
        key = self.keys[-1]
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm])


@lru_cache
def make_key(name: str) -> RSAKey:
    """The key of this name; the same in all tests."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def say(handler: BaseHTTPRequestHandler, document: object, *, status: int = 200) -> None:
    """Answer with this JSON."""
    say_bytes(handler, json.dumps(document).encode(), status=status)


def say_bytes(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, **headers: str) -> None:
    """Answer with these bytes."""
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def open_double() -> Generator[Double]:
    """The provider, listening."""
    doubles: list[Double] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                doubles[0].answer(self)
            except (BrokenPipeError, ConnectionResetError):  # nobody wanted all of it
                self.close_connection = True

        do_POST = do_GET  # noqa: N815 (the library calls it so)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    doubles.append(Double(f"http://127.0.0.1:{server.server_address[1]}"))
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield doubles[0]
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
