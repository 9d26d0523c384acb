"""A folder of files that can be made anew: a list in it says which files are ours, and no other is ever touched."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

MARKER = "first100-rehearsal.txt"
_OPENING = "# Made by First100's rehearse, which writes these files anew and leaves all others alone."


class FolderError(Exception):
    """The folder cannot be written, and what to do, in one line."""


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes the folder hold these files, and no other that an earlier call wrote.

    Raises FolderError for a folder that holds anything and was not written by an earlier call, and for a file of
    somebody else's that stands in the way.
    """
    try:
        before = _read_marker(folder)
        names = {*files, MARKER}
        strange = [name for name in sorted(names - before) if (folder / name).exists()]
        if strange:
            raise FolderError(f"{folder / strange[0]} was not made by a rehearsal; move it away, or name another --out")
        folder.mkdir(parents=True, exist_ok=True)
        # The list comes first: whatever happens next, every file of ours stands in it.
        _write(folder / MARKER, "\n".join([_OPENING, *sorted(before | names), ""]).encode())
        for name, octets in files.items():
            _write(folder / name, octets)
        _remove(folder, before - names)
        _write(folder / MARKER, "\n".join([_OPENING, *sorted(names), ""]).encode())
    except OSError as error:
        raise FolderError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error


def _read_marker(folder: Path) -> set[str]:
    """The files that an earlier call wrote; none in a new folder. Raises FolderError for somebody else's folder."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise FolderError(f"{folder} is no folder; name another --out")
    if not (folder / MARKER).exists():
        if any(folder.iterdir()):
            raise FolderError(f"{folder} holds something that no rehearsal made; name an empty folder with --out")
        return set()
    lines = (folder / MARKER).read_text(encoding="utf-8", errors="replace").splitlines()
    return {MARKER, *(line for line in lines if line and not line.startswith("#") and _is_inside(folder, line))}


def _is_inside(folder: Path, name: str) -> bool:
    """Whether a name leads to a file in the folder itself, whatever somebody wrote into the list."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and not _leads_away(folder, path)


def _leads_away(folder: Path, path: PurePosixPath) -> bool:
    return any((folder / parent).is_symlink() for parent in path.parents if parent.name)


def _write(path: Path, octets: bytes) -> None:
    """Whole or not at all, and not again where it is so already: a browser may be reading it."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == octets:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.part")
    draft.write_bytes(octets)
    draft.replace(path)


def _remove(folder: Path, names: set[str]) -> None:
    for name in sorted(names):
        (folder / name).unlink(missing_ok=True)
    parents = {parent for name in names for parent in PurePosixPath(name).parents if parent.name}
    for parent in sorted(parents, key=lambda path: len(path.parts), reverse=True):
        if (folder / parent).is_dir() and not any((folder / parent).iterdir()):
            (folder / parent).rmdir()
