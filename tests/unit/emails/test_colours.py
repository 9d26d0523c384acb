"""Colours that can be read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emails.colours import choose_palette, contrast

brands = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@given(brands)
@example("#6e74a0")  # neither white nor a dark grey can be read on it
def test_every_brand_colour_gives_text_that_can_be_read(brand: str) -> None:
    palette = choose_palette(brand)
    pairs = [
        (palette.ink, palette.card),
        (palette.ink, palette.tint),
        (palette.muted, palette.page),
        (palette.link, palette.card),
        (palette.link, palette.tint),
        (palette.link, palette.page),
        (palette.on_button, palette.button),
        (palette.dark_ink, palette.dark_card),
        (palette.dark_ink, palette.dark_tint),
        (palette.dark_muted, palette.dark_page),
        (palette.dark_link, palette.dark_card),
        (palette.dark_link, palette.dark_tint),
        (palette.dark_link, palette.dark_page),
        (palette.dark_on_button, palette.dark_button),
    ]
    assert [(text, ground) for text, ground in pairs if contrast(text, ground) < 4.5] == []


def test_a_good_brand_colour_is_kept() -> None:
    palette = choose_palette("#1d4f76")
    assert (palette.link, palette.button, palette.on_button) == ("#1d4f76", "#1d4f76", "#ffffff")


@pytest.mark.parametrize("brand", ["blue", "#12", "#zzzzzz", ""])
def test_what_is_no_colour_is_refused(brand: str) -> None:
    with pytest.raises(ValueError, match=r"no colour|invalid literal"):
        choose_palette(brand)
