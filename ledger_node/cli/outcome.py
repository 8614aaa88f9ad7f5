"""How a command ends: an exit code that a script can act on, and one clear line of text.

The codes are part of the interface (docs/operators/quickstart.md): they are never reused.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code says."""

    OK = 0
    """Done, or the answer is yes."""

    REFUSED = 1
    """The answer is no: a record rejected, a submission refused, a proof that proves nothing."""

    USAGE = 2
    """The command line, or a file given on it, is not what it must be. Nothing was changed."""

    NO_NODE = 3
    """The node cannot be reached, or cannot answer now. Trying again later may help."""

    LOCAL = 4
    """Something on this machine stands in the way: a key file, passphrase, directory, port."""

    FORK = 5
    """Evidence was found that members signed two histories; it was written to a file."""

    INTERRUPTED = 130
    """Ended by Ctrl-C, as shells count it (128 + SIGINT)."""


class CommandError(Exception):
    """A command that cannot do what was asked.

    code: the exit code; message: one line naming the field and the rule; details: further lines.
    """

    def __init__(self, code: ExitCode, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def usage(message: str, *details: str) -> CommandError:
    """What was given is wrong."""
    return CommandError(ExitCode.USAGE, message, details)


def local(message: str, *details: str) -> CommandError:
    """This machine stands in the way."""
    return CommandError(ExitCode.LOCAL, message, details)


def refused(message: str, *details: str) -> CommandError:
    """The answer is no."""
    return CommandError(ExitCode.REFUSED, message, details)
