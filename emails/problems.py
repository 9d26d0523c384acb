"""The one error of composing."""


class ComposeError(Exception):
    """A mail cannot be written: `what` is wrong and what to do, `where` it stands (a tip, a setting, a header)."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{where}: {what}")
        self.what = what
        self.where = where
