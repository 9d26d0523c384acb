"""Whatever bytes stand in the files: a config or a list of problems, in good time, and nothing else."""

import json
import tempfile
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.load import load_config
from config.problems import ConfigError
from config.reading.front_matter import read_markdown
from config.reading.positions import read_yaml
from config.reading.programme import read_programme
from config.reading.readability import check_readability
from config.reading.roster import Vocabulary, build_entries, read_rows
from config.reading.settings_sources import read_settings
from config.reading.text import decode_text
from config.settings import Settings
from tests.unit.config.folder import LEADER, TIP, write_config, write_programme
from tests.unit.config.front_matter import SAMPLES, list_fields

VOCABULARY = {"first-100-days": Vocabulary(roles=("director",), paces=("standard",), items={"listen-first": "tip"})}
ROW = """\
- name: Sam Sample
  email: "sam.sample@example.org"
  role: director
  organisation: 'Example Hospitals — Zoë'
  start_date: 2027-01-11
  id: ESR-1
  away: [2027-02-15..2027-02-19, 2027-03-01]
  working_days: [mon, tue]
  send_at: 08:30
  skip:
    - listen-first
"""
CSV = 'name,email,role,organisation,start_date\nSam,sam@example.org,director,"Zoë, Ltd",2027-01-11\n'
SPICE = st.sampled_from(
    ["\t", ":", "- ", "\n", '"', "'", "[", "]", "{", "}", "&a", "*a", "!t", "#", "|", ">", "%", "\0", "é"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
QUICK = settings(max_examples=150, deadline=20_000, suppress_health_check=[HealthCheck.too_slow])


def read_leaders(content: bytes, name: str = "leaders.yaml") -> None:
    """Reads the content as a leaders' file; what it raises is for the caller to see."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            rows, problems = read_rows(path)
        except ConfigError as error:
            assert error.problems
            return
        entries, more = build_entries(rows, Settings(), VOCABULARY, today=None)
        assert len(entries) == len(rows) or problems or more
        assert all(str(problem) and problem.line >= 0 for problem in [*problems, *more])


@QUICK
@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b'- "\\UFFFFFFFF"')
@example(b'- "\\ud800"')
@example(b"? ? ? [")
@example(b"%TAG ! x\n---\n!a b")
def test_any_bytes_give_leaders_or_problems(content: bytes):
    read_leaders(content)
    read_leaders(content, "leaders.csv")


@QUICK
@given(st.text(max_size=200))
def test_any_text_gives_a_document_or_problems(text: str):
    try:
        read_yaml(decode_text(text.encode("utf-8", "surrogatepass"), Path("f")), path="f")
    except ConfigError as error:
        assert len(error.problems) == 1


@QUICK
@given(st.integers(0, len(ROW)), st.integers(0, 12), st.lists(SPICE, max_size=3), st.sampled_from([ROW, CSV]))
def test_a_sound_file_with_a_spoilt_passage_gives_leaders_or_problems(at: int, cut: int, spice: list[str], text: str):
    content = text[:at] + "".join(spice) + text[at + cut :]
    read_leaders(content.encode(), "leaders.yaml" if text == ROW else "leaders.csv")


@settings(parent=QUICK, max_examples=50)
@given(st.lists(st.dictionaries(st.sampled_from(["name", "email", "away", "skip", "id", "nmae"]), VALUES, max_size=4)))
def test_any_values_give_entries_or_problems_at_their_place(rows: list[dict[str, object]]):
    read_leaders(json.dumps(rows).encode())


@pytest.mark.parametrize("text", [ROW, CSV], ids=["yaml", "csv"])
def test_a_file_cut_off_after_any_byte_gives_leaders_or_problems(text: str):
    content = text.encode()
    for end in range(len(content)):
        read_leaders(content[:end], "leaders.yaml" if text == ROW else "leaders.csv")


def test_a_tip_cut_off_after_any_byte_gives_an_item_or_problems(tmp_path: Path):
    content = TIP.encode()
    for end in range(len(content) + 1):
        (tmp_path / "tip.md").write_bytes(content[:end])
        try:
            assert read_markdown(tmp_path / "tip.md").body_line > 1
        except ConfigError as error:
            assert error.problems


@settings(max_examples=40, deadline=20_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["programme.yaml", "roles.yaml", "tips/listen-first.md", "messages/welcome.md"]), st.data())
def test_a_spoilt_programme_file_gives_a_programme_or_problems(name: str, data: st.DataObject):
    with tempfile.TemporaryDirectory() as folder:
        path = write_programme(Path(folder)) / name
        text = path.read_text(encoding="utf-8")
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 30))
        path.write_text(
            text[:at] + "".join(data.draw(st.lists(SPICE, max_size=3))) + text[at + cut :], encoding="utf-8"
        )
        read = read_programme(Path(folder))
        assert read.programme is not None or read.problems


MANGLED = st.dictionaries(
    st.sampled_from(sorted({path[0] for sample in SAMPLES.values() for path in list_fields(sample.shape)})) | st.text(),
    VALUES,
    max_size=5,
)


@settings(parent=QUICK, max_examples=100)
@given(st.sampled_from(sorted(SAMPLES)), MANGLED, st.sets(st.integers(0, 20), max_size=3), st.text(max_size=40))
def test_mangled_front_matter_gives_an_item_or_problems_in_the_file(
    kind: str, mangled: dict[str, object], without: set[int], body: str
):
    sample = SAMPLES[kind]
    kept = {name: value for place, (name, value) in enumerate(sample.front.items()) if place not in without}
    text = f"---\n{json.dumps({**kept, **mangled})}\n---\n{sample.body}{body}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = write_programme(Path(folder)) / sample.file
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        read = read_programme(Path(folder), today=date(2027, 7, 1))
        own = [problem for problem in read.problems if problem.path == str(path)]
        assert read.programme is not None or read.problems
        assert all(problem.line <= text.count("\n") + 1 and str(problem) for problem in own)
        check_readability(read.found, target=9, path="programme.yaml")


@QUICK
@given(
    st.dictionaries(
        st.sampled_from([f"FIRST100_{name.upper()}" for name in Settings.model_fields]), st.text(max_size=30)
    )
)
@example({"FIRST100_DATABASE_URL_FILE": "\0", "FIRST100_DATA": "\0"})
def test_any_environment_gives_settings_or_problems(environ: dict[str, str]):
    found, problems = read_settings(Path("nowhere"), environ)
    assert isinstance(found, Settings)
    assert all(problem.path == "environment" for problem in problems)


@pytest.mark.parametrize(
    "text", ["# # ", "](", "<a:", "{{", "{%", "[a]: ", "****", "- [", "{{name}} ", "![", "[ ", "http://a "]
)
def test_strange_texts_are_read_in_good_time(tmp_path: Path, text: str):
    body = TIP.replace("what is hardest", text * 50_000)
    started = time.process_time()
    read_programme(write_programme(tmp_path, {"tips/listen-first.md": body}))
    assert time.process_time() - started < 5


def test_bombs_are_refused_before_they_are_built(tmp_path: Path):
    lists = "[" * 500_000
    aliases = "a: &a [x]\n" + "".join(f"b{i}: [*a,*a,*a]\n" for i in range(30_000))
    for content in (lists, aliases, "{" * 500_000, "- " * 400_000, "? " * 400_000):
        write_config(tmp_path, {"leaders.yaml": content})
        with pytest.raises(ConfigError) as caught:
            load_config(tmp_path, {})
        assert len(caught.value.problems) == 1


def test_a_thousand_leaders_with_a_fault_each_give_a_thousand_lines(tmp_path: Path):
    rows = [LEADER.replace("sam.sample", f"sam.{i}").replace("director", "driector") for i in range(1000)]
    write_config(tmp_path, {"leaders.yaml": "".join(rows)})
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, {})
    assert [problem.line for problem in caught.value.problems] == list(range(3, 5003, 5))
