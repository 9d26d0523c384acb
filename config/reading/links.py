"""The links and images of an author's Markdown: where they lead, and which of them may not stand there."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from config.problems import Severity
from config.reading.address_fields import is_web_address
from config.reading.wording import show

# Services behind which anything may stand, and which may close. The best known of the several hundred that
# https://github.com/PeterDaveHello/url-shorteners lists (looked at in November 2026).
# fmt: off
SHORTENERS = frozenset({
    "adf.ly", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "cutt.ly", "dlvr.it", "dub.sh", "eepurl.com",
    "forms.gle", "goo.gl", "goo.gle", "hubs.ly", "ift.tt", "is.gd", "j.mp", "lnkd.in", "ow.ly", "qrco.de",
    "rb.gy", "rebrand.ly", "s.id", "short.gy", "shorturl.at", "snip.ly", "t.co", "t.ly", "tiny.cc", "tiny.one",
    "tinyurl.com", "trib.al", "v.gd",
})
# fmt: on

# None of these looks at a character more than a few times, however strange the text.
_IMAGE = re.compile(r"!\[(?P<text>[^\]\n]{0,500})\](?=[(\[])")
_HTML_IMAGE = re.compile(r"(?i)<img\b")
_NO_TEXT = re.compile(r"(?<!!)\[\s{0,9}\]\(")
_LINKS = (
    re.compile(r"\]\(\s*<?(?P<target>[^)\s>]*)"),
    re.compile(r"(?m)^ {0,3}\[[^\]\n]+\]:\s*<?(?P<target>[^\s>]*)"),
    re.compile(r"<(?P<target>[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]*)>"),
)
_BARE = re.compile(r"(?<![\w(<:/])https?://[^\s<>()\[\]\"']+")


def find_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Every web address in the text that a reader might follow, with its place."""
    addresses = {found.start("target"): found.group("target") for link in _LINKS for found in link.finditer(text)}
    for found in _BARE.finditer(text):
        addresses.setdefault(found.start(), found.group().rstrip(".,;:!?*_"))
    return ((start, address) for start, address in sorted(addresses.items()) if is_web_address(address))


def find_link_faults(text: str) -> Iterator[tuple[int, str, Severity]]:
    """What is wrong with the links and images of the text: where, and in which words."""
    for pattern in _LINKS:
        for found in pattern.finditer(text):
            target = found.group("target")
            if not is_web_address(target) and not target.startswith("mailto:"):
                words = f"the link {show(target)} is no web address; write it whole, starting with https://"
                yield found.start("target"), words, "error"
    for start, address in find_addresses(text):
        if words := explain_short(address):
            yield start, f"the link {words}", "error"
    for found in _NO_TEXT.finditer(text):
        yield found.start(), "this link has no text; write between the brackets where it leads", "error"
    for found in _IMAGE.finditer(text):
        if found.group("text").strip():
            words = "no mail or page shows images, so this one stands as a link; take the ! away, or leave it out"
            yield found.start(), words, "warning"
        else:
            words = "this image has no text, and no mail shows images; say in words what it shows"
            yield found.start(), words, "error"
    for found in _HTML_IMAGE.finditer(text):
        yield found.start(), "no mail shows images, and HTML stands as it was typed; say it in words", "error"


def explain_short(address: str) -> str | None:
    """Why a shortened address will not do, or None where it is none."""
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    if host not in SHORTENERS:
        return None
    return f"{show(address)} is shortened, so nobody sees where it leads; write the address that it leads to"
