"""The HTML of the mails: valid, open to everybody, and whole in mail programs that know little."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.mail.gallery import Mail, write_gallery
from tests.npm import run_node

pytestmark = pytest.mark.npm
PROGRAMS: Final = ("outlook.windows", "outlook.outlook-com", "gmail.*", "apple-mail.*", "samsung-email.android")
OF_THE_SHEET: Final = "the style sheet only adds: dark colours, margins, the width of columns; a mail is whole without"
OF_THE_PREHEADER: Final = "the preheader is hidden in four more ways"
OF_MJML: Final = "MJML's, for Outlook conditional tables do the same"
LOOKS: Final = "for looks alone"

# What one of the programs does not know at all, and why no mail is the worse for it.
UNKNOWN: Final = {
    "<style> element": OF_THE_SHEET,
    "@media": OF_THE_SHEET,
    "Type selector": OF_THE_SHEET,
    "Class selector": OF_THE_SHEET,
    "ID selector": OF_THE_SHEET,
    "Descendant combinator": OF_THE_SHEET,
    "Chaining selectors": OF_THE_SHEET,
    ":last-child": "twelve pixels more below a last paragraph",
    "color-scheme CSS property": "asks for the dark colours where there are any",
    "color-scheme meta tag": "likewise",
    "display:none": OF_THE_PREHEADER,
    "max-height property": OF_THE_PREHEADER,
    "overflow": OF_THE_PREHEADER,
    "border-radius": LOOKS,
    "border-spacing": "of a logo's table; cellspacing says the same",
    "cursor": LOOKS,
    "outline": LOOKS,
    "word-spacing": LOOKS,
    "target attribute": "mail programs open links in a new window anyway",
}
# What one of them knows in part, and why the other part is not missed.
IN_PART: Final = {
    "<body> element": "Gmail makes a div of it; the page's colour stands on a div of ours as well",
    "<ul>, <ol> and <dl>": "no list is reversed, no item has a number of its own",
    "!important keyword": "in the style sheet only, in small letters, after a blank",
    "GIF image format": "the pixel does not move",
    "background": "of one colour, and said as background-color as well",
    "border": "of four pixels at most, on cells",
    "dir attribute": "a mail with one name from right to left may lean that way on Gmail's mobile site",
    "direction": "likewise",
    "display": "block and inline-block; " + OF_MJML,
    "font-size": "in pixels",
    "font-weight": "600 turns bold",
    "height attribute": "in pixels, of the pixel",
    "height property": "of images",
    "line-height": "without a unit; buttons have pixels, and Outlook's own padding",
    "margin": "none is negative; those on both sides: " + OF_MJML,
    "max-width": OF_MJML,
    "padding": "on cells; a button's and a list's: Outlook has its own",
    "text-align": "left and center",
    "text-decoration": "none",
    "text-transform": "none",
    "width attribute": "of tables, and of the pixel",
    "width property": OF_MJML,
    "word-break": "only for words that are longer than a line",
}


def judge(script: str, pages: Mapping[str, str], *arguments: str) -> list[list[Any]]:
    return json.loads(run_node(Path(__file__).with_name(script), *arguments, given=json.dumps(pages)))


def pages_of(mails: Iterable[Mail]) -> dict[str, str]:
    return {mail.name: mail.composed.html for mail in mails if not mail.is_plain}


def test_the_html_of_every_mail_is_valid_and_accessible() -> None:
    assert judge("html.mjs", pages_of(write_gallery())) == []


FAULTS: Final = {  # by the rule that finds it: a place, and what is done there
    "element-required-attributes": ("<html lang=", "<html data-lang="),
    "no-dup-attr": ("<html lang=", '<html lang="en" lang='),
    "wcag/h37": ("</h1>", '</h1><img src="x.png">'),
    "heading-level": ("<h1 ", "<h3>Now</h3><h1 "),
    "close-order": ("</p>", "</p></div>"),
    "hidden-focusable": ("<a href=", '<a aria-hidden="true" href='),
    "wcag/h30": ("</h1>", '</h1><a href="/"></a>'),
}


def test_faults_of_html_and_of_accessibility_would_be_seen() -> None:
    sound = write_gallery()[0].composed.html
    broken = {rule: sound.replace(where, wrong, 1) for rule, (where, wrong) in FAULTS.items()}
    found = {(name, rule) for name, rule, _ in judge("html.mjs", broken)}

    assert {rule for rule in FAULTS if (rule, rule) not in found} == set()


def test_mails_hold_nothing_that_a_mail_program_would_spoil() -> None:
    found = judge("clients.mjs", pages_of(write_gallery()), *PROGRAMS)
    unknown = {feature for _, _, feature, support in found if support == "none"}

    assert unknown == set(UNKNOWN)
    assert {feature for _, _, feature, _ in found} - unknown == set(IN_PART)


def test_what_mail_programs_do_not_know_would_be_seen() -> None:
    html = '<p style="display:flex;position:absolute">Sam</p><video></video>'
    found = judge("clients.mjs", {"new": html}, *PROGRAMS)

    unknown = {(program, feature) for _, program, feature, support in found if support == "none"}

    assert {("outlook.windows", "display:flex"), ("gmail.ios", "position"), ("gmail.ios", "<video> element")} <= unknown
