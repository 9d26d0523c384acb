"""What an e-mail address, a domain or a web address in a config file may be."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator

from config.reading.fields import as_text, described, wrong
from config.reading.wording import show

_ADDRESS_LIMIT = 254
_URL_LIMIT = 500
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@described(type="string", format="email", maxLength=_ADDRESS_LIMIT)
def address(value: object) -> str:
    """An e-mail address, in small letters. Nothing is looked up on the network."""
    text = as_text(value)
    if len(text) > _ADDRESS_LIMIT:
        raise wrong(f"is {len(text)} characters long; use at most {_ADDRESS_LIMIT}")
    if text.startswith("-"):
        raise wrong(f"{show(text)} starts with a hyphen, which mail programs take for a command; remove it")
    try:
        checked = validate_email(text, check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError as error:
        reason = str(error).rstrip(".")
        raise wrong(f"{show(text)} is no e-mail address: {reason[:1].lower()}{reason[1:]}; correct it") from error
    return (checked.ascii_email or checked.normalized).lower()


@described(type="string", examples=["example.org"])
def domain(value: object) -> str:
    """The part of an address after the @, in small letters."""
    text = as_text(value).lower().removeprefix("@")
    if not _DOMAIN.fullmatch(text):
        raise wrong(f"{show(text)} is no mail domain; write the part after the @, like example.org")
    return text


@described(type="string", format="uri", pattern="^https?://", maxLength=_URL_LIMIT)
def web_address(value: object) -> str:
    """An address that a link in a mail may lead to."""
    text = as_text(value)
    if len(text) > _URL_LIMIT:
        raise wrong(f"is {len(text)} characters long; use at most {_URL_LIMIT}")
    if not is_web_address(text):
        raise wrong(f"{show(text)} is no web address; write it whole, starting with https://")
    return text


def is_web_address(text: str) -> bool:
    """Whether this is an http or https address with a host, no login and nothing invisible in it."""
    if any(character.isspace() or not character.isprintable() or character in '<>"\\' for character in text):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, told by its name alone (a name could be pointed elsewhere)."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe_address(text: str) -> bool:
    """Whether this is a web address on the way to which nobody listens: https, or this machine itself."""
    return is_web_address(text) and (text.startswith("https:") or is_loopback(urlsplit(text).hostname or ""))


Address = Annotated[str, BeforeValidator(address)]
Domain = Annotated[str, BeforeValidator(domain)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
