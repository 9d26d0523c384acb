"""A file's text, or a plain word about why it cannot be read: its encoding, its size, characters nobody can see."""

import re
from pathlib import Path

from config.problems import ConfigError, Problem

MEBIBYTE = 1024 * 1024

# Control characters, and the separators that YAML takes for line ends where editors do not.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

_SAVE_AS_UTF8 = "save it again as UTF-8 (in Excel: 'CSV UTF-8 (comma delimited)')"
_OTHER_FORMATS = (
    (b"PK\x03\x04", "this is an Excel workbook or another zipped file; save it as plain text, 'CSV UTF-8' in Excel"),
    (b"\xd0\xcf\x11\xe0", "this is an old Excel or Word file; save it as plain text, 'CSV UTF-8' in Excel"),
    (b"{\\rtf", "this is a rich text document; save it as plain text"),
    (b"\xff\xfe", f"this file was saved as UTF-16 ('Unicode'); {_SAVE_AS_UTF8}"),
    (b"\xfe\xff", f"this file was saved as UTF-16 ('Unicode'); {_SAVE_AS_UTF8}"),
)


def is_there(path: Path) -> bool:
    """Whether something stands at the path; what may not be looked at counts, so that reading it says why."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def is_folder(path: Path) -> bool:
    """Whether a folder stands at the path that may be looked at."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_text(path: Path, *, limit_bytes: int = MEBIBYTE) -> str:
    """The text of a UTF-8 file, without its byte order mark. Raises ConfigError with one problem."""
    try:
        with path.open("rb") as file:
            raw = file.read(limit_bytes + 1)
    except OSError as error:
        raise _refused(
            path, 0, 0, f"this file cannot be read ({error.strerror or error}); check its permissions"
        ) from error
    if len(raw) > limit_bytes:
        raise _refused(path, 0, 0, f"this file is larger than {limit_bytes // 1024} KiB; is it the right file?")
    return decode_text(raw, path)


def decode_text(raw: bytes, path: Path) -> str:
    """The bytes as text. Raises ConfigError naming the encoding they seem to be in, or the character at fault."""
    for signature, words in _OTHER_FORMATS:
        if raw.startswith(signature):
            raise _refused(path, 1, 1, words)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _explain_encoding(path, raw, error) from error
    found = _FORBIDDEN.search(text)
    if found is None:
        return text
    line, column = _locate(text[: found.start()])
    if found.group() == "\x00" and not text[found.start() :].strip("\x00"):
        raise _refused(path, line, column, "from here on there is nothing but zeros: saved only in part; save it again")
    if found.group() == "\x00" and text.count("\x00") * 3 > len(text):
        raise _refused(path, line, column, f"this file was saved as UTF-16 ('Unicode'); {_SAVE_AS_UTF8}")
    code = f"U+{ord(found.group()):04X}"
    raise _refused(path, line, column, f"an invisible control character ({code}) stands here; delete it and retype")


def _explain_encoding(path: Path, raw: bytes, error: UnicodeDecodeError) -> ConfigError:
    line, column = _locate(raw[: error.start].decode("utf-8-sig", errors="replace"))
    if error.reason == "unexpected end of data":
        words = "the file ends in the middle of a character; it was saved only in part, so save it again"
    else:
        words = f"this file was saved as Windows-1252 or Latin-1, not as UTF-8; {_SAVE_AS_UTF8}"
    return _refused(path, line, column, words)


def _locate(before: str) -> tuple[int, int]:
    """Line and column, from 1, of the character that follows."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines), len(lines[-1]) + 1


def _refused(path: Path, line: int, column: int, message: str) -> ConfigError:
    return ConfigError([Problem(path=str(path), line=line, column=column, message=message)])
