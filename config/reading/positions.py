"""YAML text as plain values, with the line and column of every key and value kept beside them.

Built on the events of ruamel.yaml's parser rather than on its loader, which would follow aliases before we see them.
"""

from collections.abc import Iterable
from typing import Protocol, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from config.reading.yaml_builder import Builder, Document
from config.reading.yaml_words import UNREADABLE, explain_yaml


class _Parser(Protocol):
    def parse(self, stream: str) -> Iterable[object]: ...


def read_yaml(text: str, *, path: str, first_line: int = 1) -> Document:
    """The one document in the text. `first_line` is the line of the file on which the text starts.

    Raises ConfigError with one problem where the text cannot be read on from.
    """
    builder = Builder(path, first_line)
    parser = cast("_Parser", YAML(typ="safe", pure=True))
    try:
        for event in parser.parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        last_line, last_column = builder.last
        (line, column), words = explain_yaml(error, text, last=(last_line - first_line + 1, last_column))
        raise builder.refused((line + first_line - 1, column), words) from error
    except (YAMLError, ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF" is no character
        raise builder.refused(builder.last, UNREADABLE) from error
    return builder.document()
