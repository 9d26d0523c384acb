"""The folder of a rehearsal: made anew at will, and nothing of anybody else's touched."""

from pathlib import Path

import pytest

from rehearsal.storyboard.folder import MARKER, FolderError, write_folder

FILES = {"index.html": b"<p>one", "chair/01.html": b"<p>two"}


def names_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_holds_the_files_and_a_list_of_them(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write_folder(out, FILES)
    assert names_in(out) == {*FILES, MARKER}
    assert (out / "chair/01.html").read_bytes() == b"<p>two"


def test_an_empty_folder_may_be_written_into(tmp_path: Path) -> None:
    write_folder(tmp_path, FILES)
    assert names_in(tmp_path) == {*FILES, MARKER}


def test_made_again_it_loses_what_is_no_longer_in_it_and_keeps_what_others_put_there(tmp_path: Path) -> None:
    write_folder(tmp_path, FILES)
    (tmp_path / "notes.txt").write_text("ours")
    (tmp_path / "chair" / "notes.txt").write_text("ours")
    write_folder(tmp_path, {"index.html": b"<p>new"})
    assert names_in(tmp_path) == {"index.html", MARKER, "notes.txt", "chair/notes.txt"}
    assert (tmp_path / "index.html").read_bytes() == b"<p>new"


def test_folders_that_are_left_empty_go_too(tmp_path: Path) -> None:
    write_folder(tmp_path, FILES)
    write_folder(tmp_path, {"index.html": b""})
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError, match="holds something that no rehearsal made"):
        write_folder(tmp_path, FILES)
    assert names_in(tmp_path) == {"thesis.txt"}


def test_a_file_of_somebody_elses_is_never_written_over(tmp_path: Path) -> None:
    write_folder(tmp_path, {"index.html": b""})
    (tmp_path / "chair").mkdir()
    (tmp_path / "chair" / "01.html").write_text("ours")
    with pytest.raises(FolderError, match=r"01\.html was not made by a rehearsal"):
        write_folder(tmp_path, FILES)
    assert (tmp_path / "chair" / "01.html").read_text() == "ours"


def test_a_list_that_was_tampered_with_leads_nowhere_else(tmp_path: Path) -> None:
    out, away = tmp_path / "out", tmp_path / "away"
    write_folder(out, {"index.html": b""})
    away.mkdir()
    (away / "precious.txt").write_text("precious")
    (out / "link").symlink_to(away)
    (out / MARKER).write_text(f"../away/precious.txt\n{away}/precious.txt\nlink/precious.txt\nindex.html\n")
    write_folder(out, {"index.html": b""})
    assert (away / "precious.txt").exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(FolderError, match="is no folder"):
        write_folder(tmp_path / "out", FILES)
    with pytest.raises(FolderError, match="cannot be written"):
        write_folder(tmp_path / "out" / "below", FILES)
