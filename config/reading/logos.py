"""The brand's logo: a small picture that every mail program can show."""

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imagesize  # pyright: ignore[reportMissingTypeStubs] (the library has no types for its arguments)

LARGEST_BYTES: Final = 200_000
_TYPES: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture with its size in pixels. `ending` is that of its kind: png, jpg or gif."""

    data: bytes
    ending: str
    width: int
    height: int


def read_logo(path: Path) -> Logo:
    """The logo in a file. ValueError, with what to do, for one that is missing, too large, or no such picture."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}; check its name") from error
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"{path} is too large for mail; use a picture of at most {LARGEST_BYTES // 1000} kB")
    ending = next((ending for start, ending in _TYPES.items() if data.startswith(start)), None)
    width, height = _measure(data) if ending else (0, 0)
    if ending is None or width < 1 or height < 1:
        raise ValueError(f"{path} is no picture that all mail programs show; use a PNG, JPEG or GIF")
    return Logo(data, ending, width, height)


def _measure(data: bytes) -> tuple[int, int]:
    """Width and height in pixels; none of the two is positive where the picture is broken."""
    try:
        return imagesize.get(io.BytesIO(data))  # pyright: ignore[reportUnknownMemberType]
    except (ValueError, struct.error):
        return 0, 0
