"""The provider of sign-in: where it is asked, and whom it vouches for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from authlib.integrations.httpx_client import (  # pyright: ignore[reportMissingTypeStubs] (the library has no types)
    OAuth2ClientAuth,
)
from authlib.oauth2 import rfc7636  # pyright: ignore[reportMissingTypeStubs] (the library has no types)
from joserfc.jwk import KeySet

from config.reading.address_fields import address
from config.settings import Settings
from web.openid.asking import Asker, UnreachableError
from web.openid.description import DISCOVERY, Description, DescriptionError, read_description
from web.openid.tokens import Claims, TokenError, UnknownKeyError, read_id_token, read_keys
from web.openid.trip import Trip

_KNOWN_FOR = timedelta(hours=1)  # what it says of itself, and its keys
_NEW_KEYS_AFTER = timedelta(seconds=10)  # an unknown key has the keys asked for again, so often at most
_YES = (True, "true", 1, "1")


class ProviderError(Exception):
    """The provider cannot be used now. The message is for the log; its user may try again."""


class RefusedError(Exception):
    """The provider's answer vouches for nobody. The message is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody, by the issuer's own name for them. `email` is None unless the provider has verified it."""

    issuer: str
    subject: str
    email: str | None


class Provider:
    """One provider, and what is known of it for a while."""

    def __init__(self, settings: Settings) -> None:
        """Of settings with an issuer."""
        self.issuer = settings.openid_issuer or ""
        self.callback = f"{settings.public_url}/admin/openid/callback"
        self._home = f"{settings.public_url}/admin/sign-in"
        self._client_id = settings.openid_client_id or ""
        self._secret = settings.openid_client_secret
        self._verified_claim = settings.openid_verified_claim
        self._asker = Asker()
        self._described: tuple[datetime, Description] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    # ------------------------------------------------------------ there and back

    async def address_of_sign_in(self, trip: Trip, *, now: datetime) -> str:
        """Where the browser goes to sign in. Raises ProviderError."""
        description = await self._describe(now)
        challenge = cast(Any, rfc7636).create_s256_code_challenge(trip.verifier)
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self.callback,
            "scope": "openid email",
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return _add_query(description.authorization_endpoint, query)

    async def address_of_sign_out(self, *, now: datetime) -> str | None:
        """Where the browser goes to sign out of the provider, too; None where it offers that not. As the other one."""
        endpoint = (await self._describe(now)).end_session_endpoint
        query = {"client_id": self._client_id, "post_logout_redirect_uri": self._home}
        return None if endpoint is None else _add_query(endpoint, query)

    async def check_origin(self, issuer: str | None, *, now: datetime) -> None:
        """Refuses an answer of another provider. Raises RefusedError and ProviderError."""
        if issuer is None and not (await self._describe(now)).names_itself:
            return
        if issuer != self.issuer:
            raise RefusedError("the answer is of another provider, or does not say of which")

    async def identify(self, code: str, trip: Trip, *, now: datetime) -> Identity:
        """Whom a code stands for. Raises RefusedError and ProviderError."""
        description = await self._describe(now)
        tokens = await self._redeem(description, code, trip)
        claims = await self._read_token(description, tokens, trip, now)
        subject = cast(str, claims["sub"])
        if "email" not in claims and description.userinfo_endpoint is not None:
            claims = await self._ask_userinfo(description.userinfo_endpoint, tokens, subject)
        verified: object = claims.get(self._verified_claim)
        is_verified = isinstance(verified, bool | int | str) and verified in _YES
        email = _read_address(claims.get("email")) if is_verified else None
        return Identity(issuer=self.issuer, subject=subject, email=email)

    # ------------------------------------------------------------ what it is asked

    async def _describe(self, now: datetime) -> Description:
        if self._described is None or not timedelta() <= now - self._described[0] < _KNOWN_FOR:
            document = await self._fetch(self.issuer.rstrip("/") + DISCOVERY)
            try:
                self._described = (now, read_description(document, issuer=self.issuer))
            except DescriptionError as error:
                raise ProviderError(f"{self.issuer} does not describe itself well: {error}") from error
        return self._described[1]

    async def _redeem(self, description: Description, code: str, trip: Trip) -> Mapping[str, str]:
        """The tokens that the code is good for."""
        secret = "" if self._secret is None else self._secret.get_secret_value()
        auth = cast(Any, OAuth2ClientAuth)(self._client_id, secret, description.secret_sent)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": trip.verifier,
        }
        try:
            answer = await self._asker.ask("POST", description.token_endpoint, form=form, auth=auth)
        except UnreachableError as error:
            raise ProviderError(f"{error}") from error
        if answer.status >= 500 or answer.document.get("error") in ("invalid_client", "unauthorized_client"):
            raise ProviderError(f"{description.token_endpoint} answers {answer.status}: {_name_error(answer.document)}")
        tokens = {name: answer.document.get(name) for name in ("id_token", "access_token")}
        if answer.status != 200 or not all(isinstance(token, str) for token in tokens.values()):
            raise RefusedError(f"the code is good for nothing: {answer.status}, {_name_error(answer.document)}")
        return cast("Mapping[str, str]", tokens)

    async def _read_token(
        self, description: Description, tokens: Mapping[str, str], trip: Trip, now: datetime
    ) -> Claims:
        def read(keys: KeySet) -> Claims:
            return read_id_token(
                tokens["id_token"],
                keys=keys,
                algorithms=description.algorithms,
                issuer=self.issuer,
                client_id=self._client_id,
                nonce=trip.nonce,
                access_token=tokens["access_token"],
                now=now,
            )

        try:
            try:
                return read(await self._find_keys(description, now, known_for=_KNOWN_FOR))
            except UnknownKeyError:
                return read(await self._find_keys(description, now, known_for=_NEW_KEYS_AFTER))
        except TokenError as error:
            raise RefusedError(f"the ID token: {error}") from error

    async def _find_keys(self, description: Description, now: datetime, *, known_for: timedelta) -> KeySet:
        if self._keys is None or not timedelta() <= now - self._keys[0] < known_for:
            self._keys = (now, read_keys(await self._fetch(description.jwks_uri)))
        return self._keys[1]

    async def _ask_userinfo(self, endpoint: str, tokens: Mapping[str, str], subject: str) -> Claims:
        document = await self._fetch(endpoint, bearer=tokens["access_token"])
        if document.get("sub") != subject:
            raise RefusedError("what it tells of the user is of somebody else")
        return document

    async def _fetch(self, url: str, *, bearer: str | None = None) -> Mapping[str, Any]:
        try:
            answer = await self._asker.ask("GET", url, bearer=bearer)
        except UnreachableError as error:
            raise ProviderError(f"{error}") from error
        if answer.status != 200:
            raise ProviderError(f"{url} answers {answer.status}")
        return answer.document


def _read_address(text: object) -> str | None:
    try:
        return address(text)
    except ValueError:
        return None


def _add_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"


def _name_error(document: Mapping[str, Any]) -> str:
    """The error's name, if it is one; the rest may hold anything."""
    name: object = document.get("error")
    return name if isinstance(name, str) and name.isascii() and name.isprintable() and len(name) < 60 else "no name"
