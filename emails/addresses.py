"""Mail addresses as a server takes them, and the domains that must never be sent to."""

import re

_LOCAL = r"[^\s@<>(),;:\\\"\[\]-][^\s@<>(),;:\\\"\[\]]{0,63}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})*")
_LOOKS_LIKE_ONE = re.compile(r"[^\s,;:'\"<>()\[\]]+@[^\s,;:'\"<>()\[\]]+")
_LONGEST = 254  # characters, RFC 5321
_EXAMPLES = ("example.org", "example.com", "example.net", "example.edu")  # reserved by RFC 2606 and by custom
_EXAMPLE_ENDINGS = ("example", "test", "invalid", "localhost")


def to_ascii(address: str) -> str:
    """The address with its domain in ASCII; ValueError for one that no server should be handed.

    Refused are control characters, blanks, a leading '-' (it reads as an option where a mailer hands addresses to a
    program) and a local part that is not ASCII.
    """
    local, at, domain = address.rpartition("@")
    try:
        plain = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        plain = ""
    if len(plain) > _LONGEST or not plain.isascii() or not plain.isprintable() or not _ADDRESS.fullmatch(plain):
        raise ValueError(f"{address!r} is no address to send mail to")
    return plain


def mask_addresses(text: str) -> str:
    """The text with nothing in it that looks like a mail address, for those whom leaders' addresses do not concern."""
    return _LOOKS_LIKE_ONE.sub("(address)", text)


def is_example(address: str) -> bool:
    """Whether the address lies in a domain reserved for examples."""
    domain = address.rpartition("@")[2].rstrip(".").lower()
    inside_example = any(domain == example or domain.endswith(f".{example}") for example in _EXAMPLES)
    return inside_example or domain.rpartition(".")[2] in _EXAMPLE_ENDINGS
