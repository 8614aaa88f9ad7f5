"""The one error of this program."""


class Refused(Exception):
    """Something is not proven. step: the check that failed, in words; reason: what was found."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


class Malformed(ValueError):
    """Bytes that are not of their form; whoever reads them knows which step that is."""
