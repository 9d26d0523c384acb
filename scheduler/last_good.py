"""The config as it was when all of it was right the last time, kept in the data folder, so that a restart can use it.

Settings and programmes are, and no file of people: the database has the leaders, and nobody who is erased may stay in a
copy.
"""

import json
import logging
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import cast

FILE_NAME = "last-good-config.json"
Files = Mapping[str, bytes]  # by their names in the config folder
_log = logging.getLogger(__name__)


class LastGood:
    """One installation's copy."""

    def __init__(self, data: Path) -> None:
        """`data`: the data folder, which need not be there yet."""
        self._path = data / FILE_NAME
        self._kept: Files | None = None

    def keep(self, files: Files) -> None:
        """Keeps these files, whole or not at all; one that cannot be written is logged, and an earlier copy stays."""
        wanted = {name: content for name, content in files.items() if _is_kept(Path(name))}
        if self._kept is None:
            self._kept = self.read()
        if wanted == self._kept:
            return
        text = json.dumps({name: b64encode(content).decode() for name, content in wanted.items()})
        draft = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            _log.warning("%s cannot be written (%s); a restart with broken config will fail", self._path, error)
            return
        self._kept = wanted

    def read(self) -> Files:
        """The files that are kept; none where there is no copy, or it is damaged."""
        try:
            document: object = json.loads(self._path.read_text(encoding="utf-8"))
            if not isinstance(document, dict):
                return {}
            kept = cast("dict[str, str]", document)
            return {name: b64decode(content, validate=True) for name, content in kept.items()}
        except (OSError, ValueError, TypeError):
            return {}


def _is_kept(name: Path) -> bool:
    """The settings, and what stands in the folders of programmes."""
    return str(name) == "settings.yaml" or (len(name.parts) > 1 and name.suffix != ".csv")
