"""Signed links: what they hold, and that nothing else is let in."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.links import Links, Purpose

OLD = b"an old secret of enough bytes"
NEW = b"a new secret, of enough bytes"
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
LINKS = Links("https://first100.example.org", (NEW, OLD))

purposes = st.sampled_from(PURPOSES)
numbers = st.lists(st.integers(min_value=0, max_value=2**63 - 1), min_size=1, max_size=3).map(tuple)


@given(purposes, numbers)
def test_a_token_gives_back_the_numbers_it_was_made_of(purpose: Purpose, given_numbers: tuple[int, ...]) -> None:
    assert LINKS.read(purpose, LINKS.token(purpose, *given_numbers)) == given_numbers


@given(purposes, purposes, numbers)
def test_a_token_is_good_for_its_own_purpose_only(made: Purpose, read: Purpose, given_numbers: tuple[int, ...]) -> None:
    if made != read:
        assert LINKS.read(read, LINKS.token(made, *given_numbers)) is None


@given(numbers, st.data())
def test_a_token_with_any_bit_flipped_is_refused(given_numbers: tuple[int, ...], data: st.DataObject) -> None:
    token = LINKS.token("a", *given_numbers)
    signed = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    bit = data.draw(st.integers(min_value=0, max_value=len(signed) * 8 - 1))
    signed[bit // 8] ^= 1 << bit % 8
    assert LINKS.read("a", urlsafe_b64encode(signed).rstrip(b"=").decode()) is None


@given(purposes, numbers, st.data())
def test_a_token_with_any_character_changed_is_refused(
    purpose: Purpose, given_numbers: tuple[int, ...], data: st.DataObject
) -> None:
    token = LINKS.token(purpose, *given_numbers)
    place = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    other = data.draw(st.characters().filter(lambda character: character.lower() != token[place].lower()))
    assert LINKS.read(purpose, token[:place] + other + token[place + 1 :]) is None


@given(purposes, numbers, st.data())
def test_a_token_cut_short_or_with_something_added_is_refused(
    purpose: Purpose, given_numbers: tuple[int, ...], data: st.DataObject
) -> None:
    token = LINKS.token(purpose, *given_numbers)
    length = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    assert LINKS.read(purpose, token[:length]) is None
    assert LINKS.read(purpose, token + data.draw(st.text(min_size=1, max_size=8))) is None


@given(purposes, st.text(max_size=60))
def test_text_that_we_did_not_make_is_refused(purpose: Purpose, text: str) -> None:
    assert LINKS.read(purpose, text) is None


@given(st.integers(min_value=0, max_value=2**40))
def test_another_spelling_of_a_good_token_is_refused(mail_id: int) -> None:
    token = LINKS.token("l", mail_id, 0)
    padded = token + "=" * (-len(token) % 4)
    assert LINKS.read("l", padded + "=") is None
    if padded != token:
        assert LINKS.read("l", padded) is None
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        same_bytes = [
            token[:-1] + last
            for last in alphabet
            if last != token[-1] and urlsafe_b64decode(token[:-1] + last + "==") == urlsafe_b64decode(token + "==")
        ]
        assert same_bytes
        assert all(LINKS.read("l", other) is None for other in same_bytes)
    assert LINKS.read("l", token + "\n") is None


def test_the_standard_alphabet_of_base64_is_refused() -> None:
    tokens = [LINKS.token("l", mail_id, 0) for mail_id in range(200)]
    with_dash = [token for token in tokens if "-" in token or "_" in token]
    assert with_dash
    assert all(LINKS.read("l", token.replace("-", "+").replace("_", "/")) is None for token in with_dash)


def test_a_token_of_a_former_secret_still_reads_and_one_of_a_stranger_does_not() -> None:
    assert LINKS.read("a", Links("https://x.example.org", (OLD,)).token("a", 7, 1)) == (7, 1)
    assert LINKS.read("a", Links("https://x.example.org", (b"somebody else's secret",)).token("a", 7, 1)) is None


def test_the_first_secret_signs() -> None:
    assert LINKS.token("a", 7, 1) == Links("https://x.example.org", (NEW,)).token("a", 7, 1)
    assert LINKS.token("a", 7, 1) != Links("https://x.example.org", (OLD,)).token("a", 7, 1)


def test_a_bounce_token_survives_the_loss_of_its_capitals() -> None:
    token = LINKS.token("b", 123_456)
    assert token == token.lower()
    assert LINKS.read("b", token.upper()) == (123_456,)


def test_an_open_pixel_ends_in_gif_and_the_other_addresses_do_not() -> None:
    links = Links("http://127.0.0.1:8100/", (NEW,))
    assert links.url("o", 5) == f"http://127.0.0.1:8100/o/{links.token('o', 5)}.gif"
    assert links.url("p", 2, 5) == f"http://127.0.0.1:8100/p/{links.token('p', 2, 5)}"


@pytest.mark.parametrize("purpose", PURPOSES)
def test_an_address_keeps_to_eighty_characters(purpose: Purpose) -> None:
    links = Links("https://first100.example.ac.uk", (NEW,))  # 30 characters
    assert len(links.url(purpose, 2**31, *(() if purpose in "ob" else (2**31,)))) <= 80


def test_the_tag_is_sixteen_bytes() -> None:
    token = LINKS.token("o", 1)
    assert len(urlsafe_b64decode(token + "=" * (-len(token) % 4))) == 1 + 1 + 16


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="not -1"):
        LINKS.token("a", -1)
    with pytest.raises(ValueError, match="2\\^63"):
        LINKS.token("a", 2**63)


@pytest.mark.parametrize("secrets", [(), (b"",), (NEW, b"short")])
def test_a_missing_or_short_secret_is_refused(secrets: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        Links("https://first100.example.org", secrets)


def test_a_fingerprint_depends_on_the_text_and_on_the_secret() -> None:
    assert len(LINKS.fingerprint("mail 1")) == 24
    assert LINKS.fingerprint("mail 1") == LINKS.fingerprint("mail 1")
    assert LINKS.fingerprint("mail 1") != LINKS.fingerprint("mail 2")
    assert LINKS.fingerprint("mail 1") != Links("https://x.example.org", (OLD,)).fingerprint("mail 1")
