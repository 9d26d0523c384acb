"""The ledger of erasures: what is in it stays, whatever happens to the machine while it is written."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.failures import DatabaseError
from models.ledger import LEDGER, Erasure, append_erasures, append_liftings, read_ledger
from tests.builders import at

FIRST = Erasure(receipt="E20270301-1A2B3C4D", at=at("2027-03-01 10:00"), by="admin", names=("aa11", "bb22"))
SECOND = Erasure(receipt="E20270302-5E6F7A8B", at=at("2027-03-02 10:00"), by="leader", names=("cc33",))


def test_without_a_ledger_nobody_was_erased(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "missing") == {}


def test_erasures_are_read_as_they_were_written_oldest_first(tmp_path: Path) -> None:
    append_erasures(tmp_path, [FIRST])
    append_erasures(tmp_path, [SECOND])

    assert list(read_ledger(tmp_path).values()) == [FIRST, SECOND]


def test_a_lifting_is_added_and_takes_nothing_away(tmp_path: Path) -> None:
    append_erasures(tmp_path, [FIRST, SECOND])
    append_liftings(tmp_path, [FIRST.receipt], at=at("2027-04-01 09:00"))

    assert list(read_ledger(tmp_path).values()) == [replace(FIRST, lifted_at=at("2027-04-01 09:00")), SECOND]
    assert len((tmp_path / LEDGER).read_text().splitlines()) == 3


def test_an_erasure_that_was_lifted_elsewhere_is_added_with_its_lifting(tmp_path: Path) -> None:
    lifted = replace(FIRST, lifted_at=at("2027-04-01 09:00"))
    append_erasures(tmp_path, [lifted])

    assert read_ledger(tmp_path) == {FIRST.receipt: lifted}


def test_only_this_account_may_read_it(tmp_path: Path) -> None:
    append_erasures(tmp_path, [FIRST])

    assert (tmp_path / LEDGER).stat().st_mode & 0o777 == 0o600


@given(data=st.data())
def test_a_line_cut_off_by_a_crash_counts_for_nothing_and_the_next_one_does(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    append_erasures(folder, [FIRST])
    whole = (folder / LEDGER).stat().st_size
    append_erasures(folder, [SECOND])
    octets = (folder / LEDGER).read_bytes()
    cut = data.draw(st.integers(whole, len(octets) - 1))
    (folder / LEDGER).write_bytes(octets[:cut])

    assert list(read_ledger(folder)) == [FIRST.receipt]
    append_erasures(folder, [SECOND])
    assert list(read_ledger(folder).values()) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "line", ["not JSON", '{"receipt": "E1"}', '{"lifted": "E9", "at": "2027-03-01T10:00:00Z"}', ""]
)
def test_a_damaged_line_is_named_and_not_passed_over(tmp_path: Path, line: str) -> None:
    append_erasures(tmp_path, [FIRST])
    with (tmp_path / LEDGER).open("a") as file:
        file.write(f"{line}\n")

    with pytest.raises(DatabaseError, match=r"erasures\.jsonl:2: this line is damaged"):
        read_ledger(tmp_path)


def test_a_ledger_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / LEDGER).mkdir()

    with pytest.raises(DatabaseError, match="cannot be written"):
        append_erasures(tmp_path, [FIRST])
