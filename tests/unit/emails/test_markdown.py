"""Authors' Markdown: what comes through, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.markdown import replace_tokens, to_html, to_text

VALUES = {"name": "Amina", "role": "Chief executive", "start_date": "11 January 2027"}


def test_paragraphs_strong_emphasis_and_lists_become_html() -> None:
    source = "Ask **first**, then *listen*.\n\n- one\n- two\n"
    assert to_html(source, VALUES) == (
        "<p>Ask <strong>first</strong>, then <em>listen</em>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>"
    )


def test_each_tag_carries_its_inline_style() -> None:
    html = to_html("[Read](https://example.org/a)", VALUES, styles={"p": "margin:0", "a": "color:#123456"})
    assert html == '<p style="margin:0"><a href="https://example.org/a" style="color:#123456">Read</a></p>'


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](vbscript:x)",
        "[x](/relative)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "[x](https:no-host)",
        "[x](https://[broken)",
    ],
)
def test_a_link_to_anything_but_http_https_or_mailto_is_no_link(source: str) -> None:
    assert "<a" not in to_html(source, VALUES)
    assert "link" not in to_text(source.replace("[x]", "[link]"), VALUES).replace("[link]", "")


@pytest.mark.parametrize("address", ["https://example.org/a", "http://example.org/", "mailto:hr@example.org"])
def test_links_to_http_https_and_mailto_are_kept(address: str) -> None:
    assert to_html(f"[x]({address})", VALUES) == f'<p><a href="{address}">x</a></p>'


def test_html_that_an_author_writes_shows_as_typed() -> None:
    assert to_html("<script>alert(1)</script>", VALUES) == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_an_image_is_not_fetched() -> None:
    assert "<img" not in to_html("![x](https://example.org/x.png)", VALUES)


def test_template_code_of_an_author_is_refused_or_left_as_typed() -> None:
    assert to_html("{% for x in y %}", VALUES) == "<p>{% for x in y %}</p>"
    with pytest.raises(ValueError, match="surname"):
        to_html("Dear {{surname}}", VALUES)


def test_a_named_token_is_replaced_by_its_escaped_value() -> None:
    assert to_html("Dear {{name}}, *{{ role }}*", VALUES | {"name": "<b>&\"'"}) == (
        "<p>Dear &lt;b&gt;&amp;&#34;&#39;, <em>Chief executive</em></p>"
    )


def test_a_value_that_looks_like_a_token_or_markdown_stays_as_it_is() -> None:
    odd = VALUES | {"name": "{{role}} **x** [y](https://example.org)"}
    assert to_html("{{name}}", odd) == "<p>{{role}} **x** [y](https://example.org)</p>"
    assert to_text("{{name}}", odd) == "{{role}} **x** [y](https://example.org)"
    assert replace_tokens("For {{name}}", odd) == "For {{role}} **x** [y](https://example.org)"


def test_a_heading_of_any_level_stands_below_the_title() -> None:
    assert to_html("# Big\n\n### Small", VALUES) == "<h2>Big</h2>\n<h2>Small</h2>"
    assert to_text("# Big\n\nWords", VALUES) == "Big\n\nWords"


def test_text_is_wrapped_at_72_and_single_breaks_are_joined() -> None:
    source = "Partners move when a problem hurts all of them.\nName that problem first and talk about structure later."
    assert to_text(source, VALUES) == (
        "Partners move when a problem hurts all of them. Name that problem first\nand talk about structure later."
    )


def test_lists_read_as_lists_in_text() -> None:
    source = "Do this:\n\n- ring *one* partner\n- write\n    - a line\n\n3. third\n4. fourth\n\nThen stop."
    assert to_text(source, VALUES) == (
        "Do this:\n\n- ring one partner\n- write\n  - a line\n\n3. third\n4. fourth\n\nThen stop."
    )


def test_a_links_address_has_a_line_of_its_own_in_text() -> None:
    assert to_text("Read [the report](https://example.org/r) soon.", VALUES) == (
        "Read the report soon.\nhttps://example.org/r"
    )


def test_several_links_of_a_paragraph_are_numbered_in_text() -> None:
    assert to_text("[A](https://example.org/a) and [B](https://example.org/b)", VALUES) == (
        "A [1] and B [2]\n[1] https://example.org/a\n[2] https://example.org/b"
    )


def test_a_mail_address_and_a_bare_address_stay_in_the_sentence() -> None:
    assert to_text("Ask [HR](mailto:hr@example.org?subject=x) or <https://example.org/>", VALUES) == (
        "Ask HR (hr@example.org) or https://example.org/"
    )


@given(st.text(max_size=200))
def test_any_text_gives_html_of_known_tags_only(source: str) -> None:
    tags = {"p", "h2", "ul", "ol", "li", "strong", "em", "a", "br"}
    try:
        html = to_html(source, VALUES)
    except ValueError:
        return  # a token nobody knows
    for opening in html.split("<")[1:]:
        name = opening.lstrip("/").replace("/", " ").replace(">", " ").split()[0]
        assert name in tags


@given(st.text(alphabet="ab *_[]()-1.\n", max_size=200))
def test_any_text_is_wrapped_where_it_can_be(source: str) -> None:
    for line in to_text(source, VALUES).splitlines():
        assert len(line) <= 72 or " " not in line.strip().removeprefix("- ")
