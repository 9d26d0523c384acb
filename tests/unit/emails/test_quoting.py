"""Of a reply only its own words count, wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.html_words import read_html
from emails.quoting import find_own_words

QUOTE = "> Headline\n> stop\n"
WAYS = {
    "above a quotation": f"knew it\n\nOn Tue, 12 Jan 2027 at 08:30, First100 <f@example.org> wrote:\n{QUOTE}",
    "below a quotation": f"On Tue, 12 Jan 2027 at 08:30, First100 <first100@example.org> wrote:\n\n{QUOTE}\nknew it\n",
    "an introduction over three lines": f"knew it\n\nOn Tue,\nFirst100\n<f@example.org> wrote:\n\n{QUOTE}",
    "right above an introduction": f"knew it\nOn Tue, First100\n<f@example.org> wrote:\n{QUOTE}",
    "an introduction without an address": "knew it\n\nOn 12 January 2027 First100 wrote:\nHeadline\nstop\n",
    "another language": "knew it\n\nAr Maw, 12 Ion 2027 am 08:30, First100 <f@example.org> ysgrifennodd:\nstop\n",
    "Outlook": "knew it\n\nFrom: First100 <f@example.org>\nSent: 12 January 2027 08:30\nTo: Sam\nSubject: x\n\nstop\n",
    "Outlook in German": "knew it\n\nVon: First100\nGesendet: 12. Januar 2027 08:30\nAn: Sam\nBetreff: x\n\nstop\n",
    "Outlook with a rule": "knew it\n\n________________________________\nFrom: First100\nstop\n",
    "an old Outlook": "knew it\n\n-----Original Message-----\nFrom: First100\nstop\n",
    "bold fields": "knew it\n\n*From:* First100 <f@example.org>\n*Sent:* Tuesday\n*To:* Sam\nstop\n",
    "a signature": "knew it\n\n-- \nSam\nstop\n",
    "a phone": f"knew it\n\nSent from my iPhone\n\n{QUOTE}",
    "Windows lines": "knew it\r\n\r\n-----Original Message-----\r\nstop\r\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_quoted_or_signed_is_left_out(way: str) -> None:
    assert find_own_words(WAYS[way]) == "knew it"


@pytest.mark.parametrize(
    "words",
    [
        "1: knew it\n2: forgot\n3: nearly in 2027",
        "Two things:\nstop",
        "pause - two weeks",
        "On Tuesday\nI stop",
        "-stop-",
    ],
)
def test_words_that_only_look_like_a_quotation_stay(words: str) -> None:
    assert find_own_words(words) == words


@pytest.mark.parametrize(
    "quotation",
    [
        '<div class="gmail_quote gmail_quote_container">On Tue wrote:<blockquote>stop</blockquote></div>',
        '<div id="appendonsend"></div><hr><div>stop</div>',
        '<div class="moz-cite-prefix">On 12/01/2027:</div><blockquote type="cite">stop</blockquote>',
        "<blockquote>stop</blockquote>",
    ],
)
def test_a_quotation_in_html_is_left_out(quotation: str) -> None:
    html = f"<p>pause&nbsp;two<br>weeks</p><script>stop</script>{quotation}"
    assert find_own_words(read_html(html)).split() == ["pause", "two", "weeks"]


@given(st.text())
def test_own_words_are_lines_of_the_text(text: str) -> None:
    lines = {line.strip() for line in text.splitlines()} | {""}
    assert set(find_own_words(text).splitlines()) <= lines


@given(st.text())
def test_any_html_is_read(html: str) -> None:
    find_own_words(read_html(html))
