"""What stands for people who were erased: the same for the same name, and nothing without the key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.failures import DatabaseError
from models.pseudonyms import KEYS, Pseudonyms, find_pseudonyms, keep_pseudonyms

OLD, NEW = b"the old secret, 32 octets long..", b"the new secret, 32 octets long.."
SAM = "sam.sample@example.org"


def test_a_name_has_one_pseudonym_however_it_is_written() -> None:
    names = Pseudonyms((OLD,))

    assert names.of_name(" Sam.Sample@Example.org ") == names.of_name(SAM)
    assert names.of_name(SAM) != names.of_name("kim.example@example.org")


def test_another_key_gives_another_pseudonym() -> None:
    assert Pseudonyms((OLD,)).of_name(SAM) != Pseudonyms((NEW,)).of_name(SAM)


def test_a_name_is_known_under_every_key_and_written_with_the_first() -> None:
    both = Pseudonyms((NEW, OLD))

    assert both.all_of_name(SAM) == {Pseudonyms((OLD,)).of_name(SAM), Pseudonyms((NEW,)).of_name(SAM)}
    assert both.of_name(SAM) == Pseudonyms((NEW,)).of_name(SAM)


def test_a_pseudonym_of_a_lost_key_is_known_as_such() -> None:
    made = Pseudonyms((OLD,)).of_name(SAM)

    assert Pseudonyms((NEW, OLD)).knows(made)
    assert not Pseudonyms((NEW,)).knows(made)


def test_a_name_and_an_equal_value_have_different_pseudonyms() -> None:
    assert Pseudonyms((OLD,)).of_name(SAM) != Pseudonyms((OLD,)).of_value(SAM)


@given(st.text(min_size=1))
def test_no_pseudonym_holds_the_name(name: str) -> None:
    made = Pseudonyms((OLD,)).of_name(name)

    assert len(made) == 36
    assert set(made) <= set("0123456789abcdef")


def test_who_was_erased_is_known_after_the_secret_was_changed_and_the_old_one_taken_away(tmp_path: Path) -> None:
    before = keep_pseudonyms(tmp_path, (OLD,)).of_name(SAM)
    after = keep_pseudonyms(tmp_path, (NEW,))

    assert before in after.all_of_name(SAM)
    assert after.of_name(SAM) != before
    assert before in keep_pseudonyms(tmp_path, (NEW,)).all_of_name(SAM)


def test_a_key_is_kept_once_for_this_account_alone_and_signs_nothing(tmp_path: Path) -> None:
    keep_pseudonyms(tmp_path, (OLD,))
    keep_pseudonyms(tmp_path, (OLD, NEW))
    kept = tmp_path / KEYS

    assert len(kept.read_text().splitlines()) == 1
    assert kept.stat().st_mode & 0o777 == 0o600
    assert OLD.hex() not in kept.read_text()


def test_looking_keeps_nothing(tmp_path: Path) -> None:
    found = find_pseudonyms(tmp_path, (OLD,)).of_name(SAM)

    assert not (tmp_path / KEYS).exists()
    assert keep_pseudonyms(tmp_path, (OLD,)).of_name(SAM) == found


def test_keys_that_cannot_be_read_are_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / KEYS).write_text("no key\n")

    with pytest.raises(DatabaseError, match="cannot be read"):
        keep_pseudonyms(tmp_path, (OLD,))
