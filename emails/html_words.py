"""The text of an HTML mail, roughly as it is read, up to what it quotes."""

import re
from html import unescape

import nh3

_BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table", "hr"}
_QUOTES = {"blockquote"}
_UNREAD = {"script", "style", "title"}
# How mail programs mark what they quote: Gmail, Outlook on the web, Outlook, Apple Mail and Thunderbird, Yahoo.
_MARKS = {"gmail_quote", "gmail_quote_container", "moz-cite-prefix", "yahoo_quoted", "divRplyFwdMsg", "appendonsend"}
_ATTRIBUTES = {"div": {"class", "id"}, "blockquote": {"class"}}
_TAG = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")
_MARK = re.compile(r'(?:class|id)="([^"]*)"')
_BODY = re.compile("<body", re.IGNORECASE)
_LONGEST = 64 * 1024  # characters from there on; tags nested without end take a time that grows with their square
END_OF_OWN = "-----"  # a line that says: quoted from here on


def read_html(html: str) -> str:
    """The words, a line for each paragraph or break; a line of dashes where a quotation begins."""
    body = _BODY.search(html)
    start = body.start() if body else 0
    clean = nh3.clean(
        html[start : start + _LONGEST],
        tags=_BREAKS | _QUOTES,
        clean_content_tags=_UNREAD,
        attributes=_ATTRIBUTES,
        link_rel=None,
    )
    return unescape(_TAG.sub(_write_tag, re.sub(r"\s+", " ", clean))).replace("\xa0", " ")


def _write_tag(tag: re.Match[str]) -> str:
    closing, name, attributes = tag.groups()
    if not closing and (
        name in _QUOTES or _MARKS & {word for mark in _MARK.findall(attributes) for word in mark.split()}
    ):
        return f"\n{END_OF_OWN}\n"
    return "\n"
