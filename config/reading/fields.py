"""What a value in a config file may be: text, words and numbers, each refused in words its writer understands."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from config.reading.wording import kind_of, show, suggest

ERROR_TYPE = "first100"
SLUG_LIMIT = 80

_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_WHOLE = re.compile("-?[0-9]{1,9}")
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# Beside control characters: separators, and marks that turn the reading direction or cannot be seen at all.
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Check(Generic[T]):
    """What reads a value, or refuses it; `schema` says the same in JSON Schema, as far as that can be said there."""

    read: Callable[[object], T]
    schema: Mapping[str, object]

    def __call__(self, value: object) -> T:
        return self.read(value)


def described(**schema: object) -> Callable[[Callable[[object], T]], Check[T]]:
    """Turns a function that reads a value into a check with that schema."""
    return lambda read: Check(read, schema)


def wrong(words: str) -> PydanticCustomError:
    """The error every field raises: `words` say what is wrong, then what to do."""
    return PydanticCustomError(ERROR_TYPE, "{words}", {"words": words})


def refuse_null(value: object) -> object:
    if value is None:
        raise wrong("is left empty; write a value, or delete the line")
    return value


Given = Annotated[T | None, BeforeValidator(refuse_null)]
"""A key that may be missing (then None), but not be there without a value."""


def as_text(value: object, *, numbers: bool = False) -> str:
    """Text without space around it. `numbers`: whole numbers count as the text they were written as."""
    if numbers and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or value == "" or (isinstance(value, str) and not value.strip()):
        raise wrong("is left empty; write a value, or delete the line")
    kind = kind_of(value)
    if isinstance(value, list | dict):
        raise wrong(f"should be one text and is {kind}; write a single value")
    if not isinstance(value, str):
        raise wrong(f"should be text and is {kind}; put it in quotes if it is meant as text")
    return value.strip()


def one_line(limit: int, *, numbers: bool = False) -> Check[str]:
    """A check for text on one line of at most so many characters."""

    @described(type=["string", "integer"] if numbers else "string", minLength=1, maxLength=limit)
    def check(value: object) -> str:
        text = unicodedata.normalize("NFC", as_text(value, numbers=numbers)).replace("\u00a0", " ")
        if any(unicodedata.category(character) == "Cc" for character in text):
            raise wrong(f"holds a line break or control character: {show(text)}; write it on one line")
        if _HIDDEN.search(text):
            raise wrong(f"holds a character that cannot be seen: {show(text)}; type it afresh instead of copying it")
        if len(text) > limit:
            raise wrong(f"is {len(text)} characters long; use at most {limit}")
        return text

    return check


def prose(limit: int) -> Check[str]:
    """A check for text of several lines (Markdown) of at most so many characters."""

    @described(type="string", minLength=1, maxLength=limit)
    def check(value: object) -> str:
        text = as_text(value)
        if len(text) > limit:
            raise wrong(f"is {len(text)} characters long; use at most {limit}")
        return text

    return check


@described(type="string", pattern=f"^{_SLUG.pattern}$", maxLength=SLUG_LIMIT)
def slug(value: object) -> str:
    """An id: small letters, digits and single hyphens."""
    text = one_line(SLUG_LIMIT)(value)
    if not _SLUG.fullmatch(text):
        raise wrong(f"{show(text)} is no id; use small letters, digits and hyphens, like share-risk-early")
    return text


def whole(lowest: int, highest: int) -> Check[int]:
    """A check for whole numbers from `lowest` to `highest`; digits in quotes will do."""

    @described(type="integer", minimum=lowest, maximum=highest)
    def check(value: object) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong(f"should be a whole number and is {kind_of(value)}; write one from {lowest} to {highest}")
        if not lowest <= value <= highest:
            raise wrong(f"{show(value)[1:-1]} is out of range; write a number from {lowest} to {highest}")
        return value

    return check


@described(type="boolean")
def yes_no(value: object) -> bool:
    """True or false; the words yes and no will do."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _YES_NO:
        raise wrong(f"should be true or false and is {kind_of(value)}; write true or false")
    return _YES_NO[word]


def one_of(*words: str) -> Check[str]:
    """A check for one of these words, in small or capital letters."""

    @described(enum=list(words))
    def check(value: object) -> str:
        text = as_text(value)
        if text.lower() not in words:
            raise wrong(f"{show(text)} is not known; {suggest(text, words)}")
        return text.lower()

    return check


Slug = Annotated[str, BeforeValidator(slug)]
YesNo = Annotated[bool, BeforeValidator(yes_no)]
