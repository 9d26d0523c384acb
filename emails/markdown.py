"""Authors' Markdown as HTML for mail and as wrapped plain text; named tokens are put in afterwards, literally.

Paragraphs, headings, lists, strong, emphasis and links to http, https and mailto are understood. Anything else that an
author writes, HTML too, shows as it was typed. Authors' text never meets the template engine.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from emails.words import TEXT_WIDTH, wrap

_TOKEN = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_HOST = re.compile(r"[\w.-]+(:\d+)?")
_TAGS = {"p", "h2", "ul", "ol", "li", "strong", "em", "a", "br"}
_SCHEMES = {"http", "https", "mailto"}
_NOT_FOR_MAIL = [
    "backticks",
    "blockquote",
    "code",
    "fence",
    "hr",
    "html_block",
    "html_inline",
    "image",
    "lheading",
]


def replace_tokens(text: str, values: Mapping[str, str]) -> str:
    """`text` with each {{name}} replaced by its value, once and literally; ValueError for a name without a value."""
    return _TOKEN.sub(lambda match: _value(match.group(1), values), text)


def to_html(source: str, values: Mapping[str, str], *, styles: Mapping[str, str] | None = None) -> str:
    """Safe HTML of an author's Markdown. `styles`: a tag's inline style, since mail programs drop style sheets."""
    html = _safe_html(source, tuple(sorted((styles or {}).items())))
    return _TOKEN.sub(lambda match: str(escape(_value(match.group(1), values))), html)


def to_text(source: str, values: Mapping[str, str], *, width: int = TEXT_WIDTH) -> str:
    """An author's Markdown as text to be read: wrapped at `width`, each link's address on a line of its own."""
    blocks: list[str] = []
    counters: list[int | None] = []  # one for each list we are in: the next number, or None for bullets
    marker = ""
    for token in _parse(source):
        if token.type.endswith("_list_open"):
            counters.append(int(token.attrGet("start") or 1) if token.tag == "ol" else None)
        elif token.type.endswith("_list_close"):
            counters.pop()
            blocks.append("\n" if not counters else "")
        elif token.type == "list_item_open":
            marker, counters[-1] = _next_marker(counters[-1])
        elif token.type == "inline":
            blocks.append(_wrap_inline(token.children or [], values, marker=marker, depth=len(counters), width=width))
            marker = ""
        elif token.type in {"paragraph_close", "heading_close"}:
            blocks.append("\n" if token.hidden else "\n\n")
    return re.sub(r"\n{3,}", "\n\n", "".join(blocks)).strip("\n")


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise ValueError(f"the token {{{{{name}}}}} means nothing here; known: {', '.join(sorted(values))}")
    return values[name]


def _is_allowed_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "mailto" or (parts.scheme in _SCHEMES and _HOST.fullmatch(parts.netloc) is not None)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).disable(_NOT_FOR_MAIL)
    reader.validateLink = _is_allowed_link
    return reader


_READER = _reader()


@lru_cache(maxsize=1024)
def _parse(source: str) -> tuple[Token, ...]:
    """The tokens of a text, read once; whatever an author's heading level, the mail's own title stands above it."""
    tokens = _READER.parse(source)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h2"
    return tuple(tokens)


@lru_cache(maxsize=1024)
def _safe_html(source: str, styles: tuple[tuple[str, str], ...]) -> str:
    html = _READER.renderer.render(_parse(source), _READER.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel=None,
        set_tag_attribute_values={tag: {"style": style} for tag, style in styles},
    ).strip()


def _next_marker(number: int | None) -> tuple[str, int | None]:
    return ("- ", None) if number is None else (f"{number}. ", number + 1)


def _wrap_inline(children: Sequence[Token], values: Mapping[str, str], *, marker: str, depth: int, width: int) -> str:
    words, addresses = _read_inline(children, values)
    hang = "  " * depth
    first = hang[: max(0, len(hang) - 2)] + marker if marker else hang
    lines = [
        wrap(line, first=first if number == 0 else hang, hang=hang, width=width)
        for number, line in enumerate(words.split("\n"))
    ]
    return "\n".join([*lines, *(hang + address for address in addresses)])


def _read_inline(children: Sequence[Token], values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The words of a paragraph, and the addresses its links go to; numbered where there are several."""
    addresses = [str(child.attrGet("href")) for child in children if _stands_below(child)]
    parts: list[str] = []
    below: list[str] = []
    open_link: Token | None = None
    for child in children:
        if child.type == "text":
            parts.append(replace_tokens(child.content, values))
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type == "link_open":
            open_link = child
        elif child.type == "link_close" and open_link is not None:
            parts.append(_mark_link(open_link, below, several=len(addresses) > 1))
            open_link = None
    return "".join(parts), below


def _stands_below(child: Token) -> bool:
    """Whether a link's address gets a line of its own: a mail address, or an address that is its own text, does not."""
    return child.type == "link_open" and child.markup != "autolink" and not _mail_address(child)


def _mail_address(link: Token) -> str:
    href = str(link.attrGet("href"))
    return href.removeprefix("mailto:").partition("?")[0] if href.startswith("mailto:") else ""


def _mark_link(link: Token, below: list[str], *, several: bool) -> str:
    """What follows a link's text; its address is added to those `below`."""
    if not _stands_below(link):
        return f" ({_mail_address(link)})" if link.markup != "autolink" else ""
    number = len(below) + 1
    below.append(f"[{number}] {link.attrGet('href')}" if several else str(link.attrGet("href")))
    return f" [{number}]" if several else ""
