"""What a mail program finds in the HTML part of a mail."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "link", "meta"}
_IN_LINES = {"a", "b", "code", "em", "i", "span", "strong"}

Attributes = dict[str, str | None]


@dataclass
class Page(HTMLParser):
    """`words` and `links` are what is shown, a line for each block; the preheader, which is not, stands in `hidden`.

    `traps` are the links that nobody sees.
    """

    html: str
    links: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # words, address
    traps: list[Attributes] = field(default_factory=list[Attributes])
    images: list[Attributes] = field(default_factory=list[Attributes])
    tags: list[tuple[str, Attributes]] = field(default_factory=list[tuple[str, Attributes]])
    words: str = ""
    hidden: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []  # tags, and whether their words are shown
        self._linking = False
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._break_line(tag)
        if tag == "img":
            self.images.append(attributes)
        if tag in _VOID:
            return
        hides = tag in {"style", "title"} or "display:none" in (attributes.get("style") or "")
        self._open.append((tag, self._shows and not hides))
        if tag == "a" and self._shows:
            self._linking = True
            self.links.append(("", attributes.get("href") or ""))
        elif tag == "a":
            self.traps.append(attributes)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        self._break_line(tag)
        if tag == "a":
            self._linking = False

    def handle_data(self, data: str) -> None:
        if not self._shows:
            if self._open[-1][0] not in {"style", "title", "a"}:
                self.hidden += data
            return
        self.words += data
        if self._linking:
            words, address = self.links[-1]
            self.links[-1] = (words + data, address)

    def _break_line(self, tag: str) -> None:
        if tag not in _IN_LINES:
            self.words += "\n"

    @property
    def _shows(self) -> bool:
        return not self._open or self._open[-1][1]
