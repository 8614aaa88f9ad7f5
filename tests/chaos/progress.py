"""What a run tells while it goes: lines with the seconds since it began."""

import time


class Progress:
    """Prints a line at a time, unless it is to be quiet."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._began = time.monotonic()
        self._quiet = quiet

    def __call__(self, line: str) -> None:
        if not self._quiet:
            print(f"{time.monotonic() - self._began:7.1f} s  {line}", flush=True)
