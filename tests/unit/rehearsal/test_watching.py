"""What is watched: shown now and after each change, its problems said and shown, and never given up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from rehearsal.storyboard.watching import CannotShowError, follow


@dataclass
class Page:
    """A page whose text may be broken, and all that was said and shown."""

    text: str = "first"
    said: list[str] = field(default_factory=list[str])
    shown: list[str] = field(default_factory=list[str])

    def show(self) -> Iterable[str]:
        if self.text == "broken":
            raise CannotShowError(["tip.md:3:1: this makes no sense", "tip.md:9:1: nor does this"])
        self.shown.append(self.text)
        return [f"shown: {self.text}"]

    def show_problem(self, lines: Iterable[str]) -> None:
        self.shown.append("; ".join(lines))

    def follow(self, edits: Iterable[str]) -> None:
        def changes() -> Iterator[str]:
            for edit in edits:
                self.text = edit
                yield edit

        follow(self.show, self.show_problem, changes=changes(), say=self.said.extend)


def test_it_is_shown_at_once_and_again_after_each_change() -> None:
    page = Page()
    page.follow(["second", "third"])
    assert page.shown == ["first", "second", "third"]
    assert page.said == ["shown: first", "shown: second", "shown: third"]


def test_a_broken_file_is_said_and_shown_line_by_line_until_it_is_mended() -> None:
    page = Page()
    page.follow(["broken", "mended"])
    assert page.shown == ["first", "tip.md:3:1: this makes no sense; tip.md:9:1: nor does this", "mended"]
    assert page.said[1:] == ["tip.md:3:1: this makes no sense", "tip.md:9:1: nor does this", "shown: mended"]


def test_it_may_be_broken_from_the_start() -> None:
    page = Page(text="broken")
    page.follow(["mended"])
    assert page.shown[-1] == "mended"


def test_what_is_nobodys_mistake_is_not_swallowed() -> None:
    def show() -> Iterable[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        follow(show, lambda _: None, changes=(), say=lambda _: None)
