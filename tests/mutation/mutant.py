"""What a mutant is, and how the code of a function is exchanged for that of a worse one."""

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType

Code = tuple[str, str]
"""Module and qualified name of a function: what tests are chosen by."""


@dataclass(frozen=True)
class Mutant:
    """One change for the worse.

    kind: what sort of change; rule: id of the rule that is weakened, "" if it is several; where:
    e.g. "transit/departure.py release"; what: the change, in words; plant: makes it, for good, in
    the process it is called in; touches: functions that must run for it to show, none if unknown.
    """

    kind: str
    rule: str
    where: str
    what: str
    plant: Callable[[], None]
    touches: frozenset[Code]

    @property
    def name(self) -> str:
        """Stable as long as what it changes is: no line numbers."""
        return f"{self.where}: {self.what}" + (f" [{self.rule}]" if self.rule else "")


def functions_of(module: object) -> Iterator[tuple[str, FunctionType]]:
    """(qualified name, function) of everything a module defines at its top or in its classes."""
    name = module.__name__  # type: ignore[attr-defined]  # modules have one
    for item in vars(module).values():
        if inspect.isfunction(item) and item.__module__ == name:
            yield item.__qualname__, item
        elif inspect.isclass(item) and item.__module__ == name:
            for member in vars(item).values():
                found = member.fget if isinstance(member, property) else member
                if isinstance(found, classmethod | staticmethod):
                    found = found.__func__
                if inspect.isfunction(found) and found.__module__ == name:
                    yield found.__qualname__, found


def exchange(function: FunctionType, worse: Callable[[], ast.Module]) -> Callable[[], None]:
    """What puts the code that a worse module has for a function in place of its own."""

    def plant() -> None:
        tree = ast.fix_missing_locations(worse())
        whole = compile(tree, function.__code__.co_filename, "exec", dont_inherit=True)
        function.__code__ = _code_in(whole, function.__code__)

    return plant


def _code_in(whole: CodeType, wanted: CodeType) -> CodeType:
    pending = [whole]
    while pending:
        code = pending.pop()
        if code.co_qualname == wanted.co_qualname and code.co_firstlineno == wanted.co_firstlineno:
            return code
        pending += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    raise AssertionError(f"{wanted.co_qualname} is not in its own module")
