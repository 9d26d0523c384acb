"""Settings gathered from settings.yaml, the environment and the files that hold secrets."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from config.problems import ConfigError, Problem
from config.reading.passage import Passage
from config.reading.positions import read_yaml
from config.reading.setting_fields import holds_secret
from config.reading.shapes import explain_error
from config.reading.text import is_there, read_text
from config.reading.wording import kind_of, nearest
from config.settings import Settings

PREFIX = "FIRST100_"
FILE_NAME = "settings.yaml"
ENVIRONMENT = "environment"
# Each may be named by FIRST100_<NAME>_FILE instead.
_FROM_FILES = ("secret", "old_secrets", "openid_client_secret", "mail", "replies", "database_url")
ENVIRONMENT_ONLY = (
    "config",
    "secret",
    "old_secrets",
    "openid_client_secret",
    *(f"{name}_file" for name in _FROM_FILES),
)
_SECRET_FILE_LIMIT_BYTES = 64 * 1024


class _GivenEnvironment(EnvSettingsSource):
    """pydantic-settings' own reading of an environment that is handed in instead of the process's."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {name.lower(): value for name, value in environ.items()}
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name: value for name, value in self._environ.items() if value.strip()}


def read_settings(config_dir: Path, environ: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """The settings, and all that is wrong with them; what is wrong keeps its default, so that reading can go on."""
    from_file, passage, problems = _read_file(config_dir / FILE_NAME)
    from_environment, more = _read_environment(environ)
    problems += more
    values = {**from_file, **from_environment, "config": config_dir}
    while True:
        try:
            return Settings.model_validate(values), problems
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                problems.append(_explain(detail, from_environment, passage))
                values.pop(str(detail["loc"][0]), None)


def _read_file(path: Path) -> tuple[dict[str, object], Passage, list[Problem]]:
    nothing = Passage(path=str(path))
    if not is_there(path):
        return {}, nothing, []
    try:
        document = read_yaml(read_text(path), path=str(path))
    except ConfigError as error:
        return {}, nothing, list(error.problems)
    problems, value = list(document.problems), document.value
    if value is None:  # nothing but comments
        return {}, nothing, problems
    if not isinstance(value, dict):
        words = f"the settings should be 'key: value' lines and this is {kind_of(value)}; rewrite it"
        return {}, nothing, [*problems, document.passage.problem(words)]
    values = cast("dict[str, object]", value)
    for name in list(values):
        if words := _refuse_secret(name, values[name]):
            position = document.passage.at_key(name) if name in ENVIRONMENT_ONLY else document.passage.at(name)
            problems.append(document.passage.problem_at(position, words))
            del values[name]
    return values, document.passage, problems


def _refuse_secret(name: str, value: object) -> str | None:
    """Why this may not stand in settings.yaml, or None."""
    variable = PREFIX + name.upper()
    if name in ENVIRONMENT_ONLY:
        return f"{name} cannot be set in this file; set {variable} in the environment"
    if name in _FROM_FILES and isinstance(value, str) and holds_secret(value):
        return f"{name} holds a password, which may not stand in this file; set {variable} or {variable}_FILE"
    return None


def _read_environment(environ: Mapping[str, str]) -> tuple[dict[str, object], list[Problem]]:
    values = cast("dict[str, object]", _GivenEnvironment(environ)())
    problems: list[Problem] = []
    for name in _FROM_FILES:
        path = values.get(f"{name}_file")
        if path is None:
            continue
        variable = f"{PREFIX}{name.upper()}_FILE"
        if name in values:
            problems.append(_of_environment(f"{variable} and {PREFIX}{name.upper()} are both set; keep one of them"))
            continue
        try:
            text = read_text(Path(str(path).replace("\0", "")), limit_bytes=_SECRET_FILE_LIMIT_BYTES).strip()
        except ConfigError as error:
            problems += [_of_environment(f"{variable}: {path}: {found.message}") for found in error.problems]
            continue
        if text:
            values[name] = text
        else:
            problems.append(_of_environment(f"{variable}: {path} is empty; write the value into it"))
    return values, problems


def _explain(detail: ErrorDetails, from_environment: Mapping[str, object], passage: Passage) -> Problem:
    name = str(detail["loc"][0])
    problem = explain_error(detail, Settings, passage)
    if name not in from_environment:
        return problem
    words = problem.message.removeprefix(f"{name}: ").removeprefix(f"{name} ")
    return _of_environment(f"{PREFIX}{name.upper()}: {words}")


def _of_environment(words: str) -> Problem:
    return Problem(path=ENVIRONMENT, line=0, column=0, message=words)


def warn_of_unknown_variables(environ: Mapping[str, str]) -> list[Problem]:
    """Variables that look like a misspelt setting. Others that start alike belong to somebody else and are let be."""
    known = [name.upper() for name in Settings.model_fields]
    warnings: list[Problem] = []
    for name in sorted(environ):
        ours, word = name.startswith(PREFIX), name.removeprefix(PREFIX)
        meant = nearest(word, known) if ours and word not in known else None
        if meant is not None:
            words = f"{name} is not a setting and changes nothing; did you mean {PREFIX}{meant}?"
            warnings.append(Problem(path=ENVIRONMENT, line=0, column=0, message=words, severity="warning"))
    return warnings
