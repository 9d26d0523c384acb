"""An ID token read: whose signature it bears, whom it is for, how long it holds, and what it says of somebody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from authlib.oidc.core import CodeIDToken  # pyright: ignore[reportMissingTypeStubs] (the library has no types)
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key

# Signatures that only the provider can make. What is signed with the client's secret, or not at all, is refused.
ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA")
LEEWAY_SECONDS = 120  # between the provider's clock and ours
LONGEST_SUBJECT = 255
_LONGEST_TOKEN = 16 * 1024

Claims = Mapping[str, Any]


class TokenError(Exception):
    """The ID token is not to be trusted. The message says why, without anything out of it."""


class UnknownKeyError(TokenError):
    """None of the known keys has signed it: the provider may have new ones."""


def read_keys(document: Mapping[str, object]) -> KeySet:
    """The provider's public keys for signatures; those of an unknown kind are passed over. Raises TokenError."""
    written = document.get("keys")
    keys: list[Key] = []
    for one in cast("list[object]", written) if isinstance(written, list) else ():
        key = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
        if key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig" and "d" not in key:
            try:
                keys.append(import_key(key))
            except (JoseError, ValueError, KeyError, TypeError, AttributeError):
                continue
    if not keys:
        raise TokenError("the provider has no keys that can be used")
    return KeySet(keys)


def read_id_token(
    text: str,
    *,
    keys: KeySet,
    algorithms: Sequence[str],
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: datetime,
) -> Claims:
    """What a token claims that this issuer made for this client, for this sign-in. Raises TokenError."""
    if len(text) > _LONGEST_TOKEN:
        raise TokenError("it is too long")
    try:
        token = jwt.decode(text, keys, algorithms=[name for name in ALGORITHMS if name in algorithms])
    except (BadSignatureError, InvalidKeyIdError) as error:
        raise UnknownKeyError("none of the provider's keys has signed it") from error
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TokenError(f"it cannot be read, or is signed in a way that does not count ({error})") from error
    claims = cast(Claims, token.claims)
    _check_shapes(claims)
    options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    params = {"client_id": client_id, "nonce": nonce, "access_token": access_token}
    checked = cast(Any, CodeIDToken(claims, token.header, cast(Any, options), params))
    try:
        checked.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except JoseError as error:
        raise TokenError(f"it does not hold here and now ({error.error}: {getattr(error, 'claim', '')})") from error
    return claims


def _check_shapes(claims: Claims) -> None:
    """What the checks that follow take for granted. Raises TokenError."""
    subject, audience = claims.get("sub"), claims.get("aud")
    several = [audience] if isinstance(audience, str) else audience
    texts = [claims.get("nonce", ""), claims.get("azp", ""), claims.get("at_hash", "")]
    instants = [claims.get(name) for name in ("exp", "iat")]
    if not (isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and "\0" not in subject):
        raise TokenError("it does not say whom it is about")
    if not (isinstance(several, list) and all(isinstance(one, str) for one in cast("list[object]", several))):
        raise TokenError("it does not say whom it is for")
    if not all(isinstance(text, str) for text in texts):
        raise TokenError("a part of it is no text")
    if not all(isinstance(at, int | float) and not isinstance(at, bool) for at in instants):
        raise TokenError("it does not say from when to when it holds")
