"""The components of NHS.UK frontend, ready for our templates: `nhs.button({"text": "Save"})`.

They come as Jinja macros that need an environment of their own, lenient about what is missing; ours is strict.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

Component = Callable[..., Markup]

_NAMES = {
    "button": "button",
    "card": "card",
    "checkboxes": "checkboxes",
    "details": "details",
    "error_summary": "error-summary",
    "file_upload": "file-upload",
    "footer": "footer",
    "input": "input",
    "inset_text": "inset-text",
    "notification_banner": "notification-banner",
    "radios": "radios",
    "select": "select",
    "skip_link": "skip-link",
    "textarea": "textarea",
}
_FIXED = ("button", "skip_link")  # of a few words each, and the same on page after page: made once


def load_components() -> Mapping[str, Component]:
    """Each component by its name, words joined by an underscore."""
    environment = Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    components = {name: _load(environment, folder) for name, folder in _NAMES.items()}
    return {**components, **{name: _keep(components[name]) for name in _FIXED}}


def _load(environment: Environment, folder: str) -> Component:
    first, *others = folder.split("-")
    macro = first + "".join(word.capitalize() for word in others)
    module: Any = environment.get_template(f"nhsuk/components/{folder}/macro.jinja").module
    return cast(Component, getattr(module, macro))


def _keep(component: Component) -> Component:
    """The same component, which remembers what it made of what."""

    @lru_cache(maxsize=1024)
    def make(written: str) -> Markup:
        return component(json.loads(written))

    def recall(params: Mapping[str, Any]) -> Markup:
        return make(json.dumps(params))

    return recall
