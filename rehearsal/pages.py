"""A page as somebody with a thumb sees it: its words, its forms, its buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form: the fields it sends by itself, and its buttons as (name, value)."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    buttons: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def press(self, name: str, value: str) -> dict[str, str]:
        """What pressing that button sends. Raises LookupError where the form has no such button."""
        if (name, value) not in self.buttons:
            raise LookupError(f"no button {name}={value} among {self.buttons}")
        return {**self.fields, name: value}


@dataclass(slots=True)
class Page:
    words: str = ""
    forms: list[Form] = field(default_factory=list[Form])

    def form_with(self, name: str, value: str) -> Form | None:
        """The form that has this button, or None."""
        return next((form for form in self.forms if (name, value) in form.buttons), None)


def read_page(html: str) -> Page:
    """The page that a browser without JavaScript would show."""
    reader = _Reader()
    reader.feed(html)
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.page.forms.append(Form())
        elif not self.page.forms:
            return
        elif tag == "input" and given.get("type") == "hidden":
            self.page.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and "name" in given:
            self.page.forms[-1].buttons.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        self.page.words += data
