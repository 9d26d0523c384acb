"""The brand's logo: a small picture that mail programs show, or a line that says what is wrong with it."""

import struct
import zlib
from pathlib import Path

import pytest

from config.load import load_settings
from config.problems import ConfigError
from config.reading.logos import Logo, read_logo


def draw_png(width: int, height: int) -> bytes:
    """A picture of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pixels = zlib.compress(b"".join(b"\0" + b"\x1d\x4f\x76" * width for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_png_is_read_with_its_size(tmp_path: Path) -> None:
    png = draw_png(200, 80)
    (tmp_path / "logo.png").write_bytes(png)
    assert read_logo(tmp_path / "logo.png") == Logo(png, "png", 200, 80)


def test_a_gif_is_known_by_its_first_bytes_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"GIF89a" + struct.pack("<HH", 30, 10) + b"\0\0\0;")
    logo = read_logo(tmp_path / "logo.png")
    assert (logo.ending, logo.width, logo.height) == ("gif", 30, 10)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "use a PNG, JPEG or GIF"),
        (b"", "use a PNG, JPEG or GIF"),
        (b"\x89PNG\r\n\x1a\n", "use a PNG, JPEG or GIF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "use a PNG, JPEG or GIF"),
        (b"GIF89a", "use a PNG, JPEG or GIF"),
        (draw_png(2, 2) + bytes(200_000), "too large for mail; use a picture of at most 200 kB"),
    ],
)
def test_what_mail_programs_cannot_show_is_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "logo.png").write_bytes(content)
    with pytest.raises(ValueError, match=says):
        read_logo(tmp_path / "logo.png")


def test_the_setting_names_a_file_in_the_config_folder(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(draw_png(10, 10))
    (tmp_path / "settings.yaml").write_text("brand_logo: logo.png\n")
    assert load_settings(tmp_path, {}).brand_logo == tmp_path / "logo.png"


def test_a_logo_that_is_not_there_is_one_line_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("brand_name: A Trust\nbrand_logo: lgoo.png\n")
    with pytest.raises(ConfigError) as error:
        load_settings(tmp_path, {})
    (problem,) = error.value.problems
    assert (problem.line, problem.message) == (
        2,
        f"brand_logo: {tmp_path / 'lgoo.png'} cannot be read: No such file or directory; check its name",
    )


@pytest.mark.parametrize("typeface", ["Arial;}body{display:none", "url(x)", 'Arial" onload="x', "a\\b"])
def test_a_typeface_is_a_list_of_names_and_no_style(tmp_path: Path, typeface: str) -> None:
    with pytest.raises(ConfigError, match="no list of typefaces"):
        load_settings(tmp_path, {"FIRST100_BRAND_TYPEFACE": typeface})
