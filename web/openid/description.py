"""A provider as it describes itself: where its pages are, and what it can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from config.reading.address_fields import is_safe_address

DISCOVERY = "/.well-known/openid-configuration"
SecretSent = Literal["client_secret_basic", "client_secret_post"]


class DescriptionError(Exception):
    """What the provider says of itself cannot be. The message says what, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """`names_itself`: each answer that a browser brings back says which provider it comes from (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    algorithms: tuple[str, ...]
    secret_sent: SecretSent
    names_itself: bool


def read_description(document: Mapping[str, Any], *, issuer: str) -> Description:
    """The description as far as we need it. Raises DescriptionError."""
    if document.get("issuer") != issuer:
        raise DescriptionError(f"it calls itself {document.get('issuer')!r}, and not {issuer!r} as in the settings")
    flows = _list_words(document, "response_types_supported", ("code",))
    if "code" not in flows:
        raise DescriptionError("it knows no authorisation codes")
    ways = _list_words(document, "token_endpoint_auth_methods_supported", ("client_secret_basic",))
    if not {"client_secret_basic", "client_secret_post"} & set(ways):
        raise DescriptionError("it takes no client secret")
    challenges = _list_words(document, "code_challenge_methods_supported", ("S256",))
    if "S256" not in challenges:
        raise DescriptionError("it knows no proof of who began (PKCE with S256)")
    return Description(
        authorization_endpoint=_find_address(document, "authorization_endpoint"),
        token_endpoint=_find_address(document, "token_endpoint"),
        jwks_uri=_find_address(document, "jwks_uri"),
        userinfo_endpoint=_find_address(document, "userinfo_endpoint") if "userinfo_endpoint" in document else None,
        end_session_endpoint=(
            _find_address(document, "end_session_endpoint") if "end_session_endpoint" in document else None
        ),
        algorithms=_list_words(document, "id_token_signing_alg_values_supported", ("RS256",)),
        secret_sent="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _find_address(document: Mapping[str, Any], name: str) -> str:
    address: object = document.get(name)
    if not isinstance(address, str) or not is_safe_address(address):
        raise DescriptionError(f"its {name} is no address that keeps what is said there secret (https)")
    return address


def _list_words(document: Mapping[str, Any], name: str, without: Sequence[str]) -> tuple[str, ...]:
    words: object = document.get(name, without)
    if not isinstance(words, list | tuple):
        raise DescriptionError(f"its {name} is no list")
    return tuple(str(word) for word in cast("Sequence[object]", words))
