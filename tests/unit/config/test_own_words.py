"""The organisation's own words in the privacy notice: sections by heading, and what is wrong said in a line."""

from pathlib import Path

import pytest

from config.load import load_settings
from config.problems import ConfigError
from config.reading.own_words import read_own_words

WORDS = """\

## Lawful basis

Public task, *as our board has settled*.

- Minute 12

## Our officer ##
Write to officer@example.org.
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "privacy.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_heading_has_what_stands_below_it(tmp_path: Path) -> None:
    assert read_own_words(write(tmp_path, WORDS)) == {
        "Lawful basis": "Public task, *as our board has settled*.\n\n- Minute 12",
        "Our officer": "Write to officer@example.org.",
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Public task.\n## Lawful basis\nx", "line 1: begin with a heading, like '## Lawful basis'"),
        ("\n# Privacy\n## Why\nx", "line 2: begin with a heading"),
        ("## Why\nx\n## Why\ny", "line 3: the heading Why stands there twice; use it once"),
        ("## Why\n\n## Who\ny", "there is nothing below Why; write it, or take the heading out"),
        ("## Why\nDear {{first_name}}", "mean nothing here; write the word itself below Why"),
        ("## Why\n\x07", "an invisible control character"),
    ],
)
def test_a_file_of_another_form_is_refused_with_what_to_do(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_own_words(write(tmp_path, text))
    assert what in str(caught.value)


def test_the_file_is_looked_for_in_the_config_folder_and_what_is_wrong_with_it_is_said_at_the_start(
    tmp_path: Path,
) -> None:
    write(tmp_path, WORDS)
    (tmp_path / "settings.yaml").write_text("privacy_notice: privacy.md\n", encoding="utf-8")
    assert load_settings(tmp_path, {}).privacy_notice == tmp_path / "privacy.md"

    (tmp_path / "settings.yaml").write_text("privacy_notice: pirvacy.md\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"pirvacy\.md.*cannot be read"):
        load_settings(tmp_path, {})
