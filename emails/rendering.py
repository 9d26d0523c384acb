"""The mail templates: MJML compiled once when the program starts, then filled in for each letter."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from mjml import mjml2html

from emails.brand import Brand
from emails.letter import Letter, Listed
from emails.words import wrap

_FOLDER = Path(__file__).parent / "templates"


class Templates:
    """Both parts of a mail, in one brand's looks."""

    def __init__(self, brand: Brand) -> None:
        environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=select_autoescape(("html",), default_for_string=True),  # on for HTML, off for plain text
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._html = environment.from_string(_compile_mjml(brand))
        self._text = environment.get_template("nudge.txt")

    def render(self, letter: Letter, *, plain: bool = False) -> tuple[str, str]:
        """The text and the HTML of a letter; no HTML where it is to be `plain`."""
        text = self._text.render(letter=letter, wrap=wrap, underline=_underline, number=_number, line=_line)
        return text, "" if plain else self._html.render(letter=letter)


def _compile_mjml(brand: Brand) -> str:
    """HTML with the brand put in and the letter's {{ words }} left standing."""
    before = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    mjml = before.get_template("nudge.mjml").render(brand=brand, colours=brand.palette)
    return mjml2html(mjml, disable_comments=True, fonts={})


def _underline(headline: str) -> str:
    return "-" * max(len(line) for line in wrap(headline).splitlines())


def _number(point: str, number: int, *, numbered: bool) -> str:
    return wrap(point, first=f"{number}. ", hang="   ") if numbered else wrap(point, first="- ", hang="  ")


def _line(listed: Listed, opening: str) -> str:
    return wrap(listed.words, first=opening, hang="  " if opening == "- " else "")
