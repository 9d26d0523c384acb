"""YAML text as values and places."""

import pytest

from config.problems import ConfigError
from config.reading.positions import read_yaml


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("42", 42),
        ("-7", -7),
        ("0.85", 0.85),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("9" * 5000, "9" * 5000),
        ("08:30", "08:30"),
        ("8:30", "8:30"),
        ("2027-01-11", "2027-01-11"),
        ("2027-02-15..2027-02-19", "2027-02-15..2027-02-19"),
        ('"42"', "42"),
        ("'null'", "null"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_only_null_truth_values_and_plain_numbers_are_more_than_text(written: str, value: object):
    assert read_yaml(f"key: {written}\n", path="f").value == {"key": value}


def test_every_key_and_value_has_its_place():
    passage = read_yaml("- name: A\n  days: [1,  2]\n  more:\n    deep: x\n- b\n", path="f", first_line=10).passage
    assert passage.at(0) == (10, 3)
    assert passage.at_key(0, "name") == (10, 3)
    assert passage.at(0, "name") == (10, 9)
    assert passage.at(0, "days", 1) == (11, 14)
    assert passage.at(0, "more", "deep") == (13, 11)
    assert passage.under(0, "more").at_key("deep") == (13, 5)
    assert passage.at(1) == (14, 3)


def test_a_place_that_does_not_exist_is_the_nearest_around_it():
    passage = read_yaml("a:\n  b: 1\n", path="f").passage
    assert passage.at("a", "c", 3) == (2, 3)
    assert passage.at("z") == (1, 1)


def test_an_empty_value_stands_where_its_key_does():
    assert read_yaml("a:\nb: 1\n", path="f").passage.at("a") == (1, 1)


def test_of_two_equal_keys_the_first_is_read_on_and_the_second_told():
    document = read_yaml("a: 1\nb: 2\na: 3\n", path="f")
    assert document.value == {"a": 1, "b": 2}
    assert [str(problem) for problem in document.problems] == [
        "f:3:1: a stands here and on line 1; keep one of the two"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("subject: {{name}}, welcome\n", "f:1:11: a key is plain text; this one is in brackets or braces, so put it"),
        ("a: @b\n", "f:1:4: a value cannot start with @; put it in quotes"),
        ("a: %b\n", "f:1:4: a value cannot start with %; put it in quotes"),
        ("a: `b`\n", "f:1:4: a value cannot start with `; put it in quotes"),
        ("a: 'it's'\n", "f:1:8: there is text after the closing quote mark; put the whole value in double quotes"),
        ('a: "b\\q"\n', "f:1:7: a \\ inside double quotes has a meaning of its own; use single quotes"),
        ("a: [b,,c]\n", "f:1:7: a comma too many stands here; remove it"),
        ("a: ]\n", "f:1:4: a bracket or comma stands where a value should start; put the value in quotes"),
        ("a: |x\n  b\n", "f:1:5: after | or > the text starts on the next line, indented with spaces"),
        ("a: {b: c\n", "f:1:4: the brace opened here is not closed; "),
        (": b\n", "f:1:1: there is no key before this colon; write 'key: value'"),
        ("%YAML 3.0\n---\na: b\n", "f:1:1: a line starting with % has no place here; remove it"),
        ('a: "\\0"\n', "f:1:4: a control character is spelt out here; remove it"),
        ('a: "\\UFFFFFFFF"\n', "f:1:1: this cannot be read; "),
    ],
)
def test_what_cannot_be_read_is_told_in_plain_words(text: str, expected: str):
    with pytest.raises(ConfigError) as caught:
        read_yaml(text, path="f")
    assert str(caught.value).startswith(expected)


def test_depth_is_held_by_its_cap_and_not_by_the_interpreter():
    deep = "[" * 12 + "]" * 12
    assert read_yaml(deep, path="f").problems == ()
    with pytest.raises(ConfigError, match="more than 12 deep"):
        read_yaml(f"[{deep}]", path="f")
