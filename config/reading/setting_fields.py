"""What a setting may be: addresses that hold passwords, secrets, lists that the environment writes in one line."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from config.reading.address_fields import Domain, is_safe_address, is_web_address
from config.reading.calendar_fields import WEEKDAYS, WorkingDays
from config.reading.fields import Slug, as_text, described, one_line, one_of, wrong
from config.reading.wording import show, suggest
from models.domain import Tracking

MASK = "***"
Network = IPv4Network | IPv6Network
PUBLIC_URL_LIMIT = 40  # a signed link of 40 characters still makes an address of at most 80
_SECRET_SHORTEST = 16
_MAIL_SCHEMES = ("maildir", "smtp", "smtps", "lmtp")
_REPLIES_SCHEMES = ("lmtp", "imap", "imaps")
_DATABASE_SCHEMES = ("sqlite", "postgresql+psycopg")
_TELLTALES = "pass|pwd|secret|token"


def _split(value: object) -> object:
    """The environment's one text as a list: words between commas or spaces."""
    return [word for word in re.split(r"[,;\s]+", value) if word] if isinstance(value, str) else value


@described(type="string", format="uri", pattern="^https?://.*[^/]$", maxLength=PUBLIC_URL_LIMIT)
def _check_public_url(value: object) -> str:
    text = as_text(value)
    parts = urlsplit(text) if is_web_address(text) else None
    if parts is None or parts.query or parts.fragment:
        raise wrong(f"{show(text)} is no web address; write it like https://nudges.example.org")
    if text.endswith("/"):
        raise wrong(f"{show(text)} ends with a slash; write {text.rstrip('/')}")
    if len(text) > PUBLIC_URL_LIMIT:
        raise wrong(f"is {len(text)} characters long and stands in every link; use at most {PUBLIC_URL_LIMIT}")
    return text


@described(type="string")
def _as_path(value: object) -> Path:
    return value if isinstance(value, Path) else Path(one_line(1000)(value))


def _check_scheme(known: tuple[str, ...]) -> AfterValidator:
    def check(text: str) -> str:
        scheme = text.partition(":")[0]
        if text and (scheme not in known or ":" not in text):  # the rest may hold a password: never shown
            raise wrong(f"should start with {', '.join(one + ':' for one in known)}; {suggest(scheme[:20], known)}")
        try:
            _ = urlsplit(text).port
        except ValueError:
            raise wrong("has a port or host that is none; write it like smtp://host:587") from None
        return text

    return AfterValidator(check)


def _check_secret(value: object) -> SecretStr:
    secret = value if isinstance(value, SecretStr) else SecretStr(str(value).strip())
    if len(secret.get_secret_value()) < _SECRET_SHORTEST:
        raise wrong(f"is too short to be safe; use at least {_SECRET_SHORTEST} characters drawn at random")
    return secret


def _check_given_secret(value: object) -> SecretStr:
    """One that somebody else made, however short."""
    secret = value if isinstance(value, SecretStr) else SecretStr(str(value).strip())
    if not secret.get_secret_value():
        raise wrong("is left empty; write the value, or delete the line")
    return secret


@described(type="string", format="uri", pattern="^https?://", maxLength=300)
def _check_issuer(value: object) -> str:
    text = one_line(300)(value)
    if not is_web_address(text) or urlsplit(text).query or urlsplit(text).fragment:
        raise wrong(f"{show(text)} is no web address; write the issuer as the provider itself does")
    if not is_safe_address(text):
        raise wrong(f"{show(text)} can be listened to on the way; write the provider's https:// address")
    return text


def _split_lines(value: object) -> object:
    """The environment's one text as secrets: each ends where there is a blank."""
    return value.split() if isinstance(value, str) else value


def _check_colour(text: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise wrong(f"{show(text)} is no colour; write six digits in quotes, like '#1d4f76'")
    return text


def _check_typeface(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9 ,'-]+", text):
        raise wrong(f"{show(text)} is no list of typefaces; write it like Arial, 'Helvetica Neue', sans-serif")
    return text


@described(type="string", examples=["10.20.0.0/16"])
def _check_network(value: object) -> Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    text = as_text(value)
    try:
        return ip_network(text)
    except ValueError:
        raise wrong(f"{show(text)} is no network; write it like 10.20.0.0/16, or one address like 10.20.0.7") from None


def _check_programmes(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names or len(set(names)) < len(names):
        raise wrong("should name each folder once, and at least one; write it like [first-100-days]")
    return names


def holds_secret(url: str) -> bool:
    """Whether a login with a password, or a query that looks like one, stands in the address."""
    return mask_url(url) != url


def mask_url(url: str) -> str:
    """The address with every password in it replaced by asterisks; rather one word too many than one too few."""
    scheme, slashes, rest = url.rpartition("://") if url.count("://") == 1 else ("", "", url)
    if url.startswith(("sqlite:", "maildir:")):
        return url
    rest = re.sub(r"(?s)^([^:/@]*):.*@", rf"\1:{MASK}@", rest)
    return scheme + slashes + re.sub(rf"(?is)([?&][^=&]*(?:{_TELLTALES})[^=&]*=)[^&]*", rf"\1{MASK}", rest)


FilePath = Annotated[Path, BeforeValidator(_as_path)]
Line = Annotated[str, BeforeValidator(one_line(160))]
Colour = Annotated[str, BeforeValidator(as_text), AfterValidator(_check_colour)]
Typeface = Annotated[str, BeforeValidator(one_line(160)), AfterValidator(_check_typeface)]
DatabaseUrl = Annotated[str, _check_scheme(_DATABASE_SCHEMES)]
RepliesUrl = Annotated[str, _check_scheme(_REPLIES_SCHEMES)]
MailUrl = Annotated[str, _check_scheme(_MAIL_SCHEMES)]
PublicUrl = Annotated[str, BeforeValidator(_check_public_url)]
Secret = Annotated[SecretStr, BeforeValidator(_check_secret)]
GivenSecret = Annotated[SecretStr, BeforeValidator(_check_given_secret)]
Issuer = Annotated[str, BeforeValidator(_check_issuer)]
OldSecrets = Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_split_lines)]
TrackingWord = Annotated[Tracking, BeforeValidator(one_of("off", "ask", "on"))]
DigestDay = Annotated[str, BeforeValidator(one_of(*WEEKDAYS, "off"))]
DoubtPolicy = Annotated[Literal["hold", "resend_once"], BeforeValidator(one_of("hold", "resend_once"))]

# In the environment a list is one text; NoDecode keeps pydantic-settings from taking it for JSON.
_WORDS = BeforeValidator(_split)
ProgrammeNames = Annotated[tuple[Slug, ...], NoDecode, _WORDS, AfterValidator(_check_programmes)]
Domains = Annotated[tuple[Domain, ...], NoDecode, _WORDS]
Networks = Annotated[tuple[Annotated[Network, BeforeValidator(_check_network)], ...], NoDecode, _WORDS]
WorkingWeek = Annotated[WorkingDays, NoDecode, _WORDS]
