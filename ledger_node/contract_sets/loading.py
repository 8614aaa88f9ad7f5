"""A contract set made executable from its sources, beside others of which each is on its own.

Every set names its package `contracts`. Its modules are therefore made under another name, unique
to its digest, and given an `__import__` of their own that takes `contracts` to mean that package:
so nothing global is exchanged, no other thread sees a change, and an import made while a record is
judged would find the right set too. Other imports come from the guard's allow-list, and builtins
that reach beyond the program are not there. That keeps accidents out; it is no sandbox: the code
was voted for. Why so: docs/decisions/0013.
"""

import builtins
import sys
from collections.abc import Mapping, Sequence
from threading import Lock
from types import ModuleType
from typing import Any, Final

from contracts import (
    Accepted,
    BlockContext,
    Context,
    DueAct,
    GenesisMember,
    Rejected,
    Rule,
    StateView,
)
from contracts.kernel.rule import Severity
from ledger_node.codec import Digest
from ledger_node.contract_sets.determinism import CONTRACT_IMPORTS, allowed
from ledger_node.ledger.contract_set import contract_set_digest
from ledger_node.ledger.execution import ContractSet

_PACKAGE: Final = "contracts"
_IMPORTS: Final = CONTRACT_IMPORTS | {"hashlib"}
_NO_BUILTINS: Final = frozenset(
    {"breakpoint", "compile", "eval", "exec", "exit", "help", "input", "open", "print", "quit"}
)
_OFFERED: Final = ("apply", "due_acts", "genesis_state", "author_problem")
"""What a contract set must offer, beside RULES: what more the installed one does is for display."""

_loaded: Final[dict[Digest, ContractSet]] = {}
_loading: Final = Lock()


class ContractSetUnusable(Exception):
    """Sources that this program cannot execute. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def load_contract_set(sources: Mapping[str, bytes]) -> ContractSet:
    """The set that the sources make; the same one each time. Raises ContractSetUnusable.

    sources: by path in the package, as contract_set_digest takes them.
    """
    digest = contract_set_digest(sources)
    with _loading:
        found = _loaded.get(digest)
        if found is None:
            package = _Package(digest, sources)
            try:
                found = _contract_set(digest, package.module(_PACKAGE))
            except ContractSetUnusable:
                package.forget()
                raise
            except (Exception, SystemExit) as error:  # whatever the code of a stranger raises
                package.forget()
                raise ContractSetUnusable(f"{type(error).__name__}: {error}") from error
            _loaded[digest] = found
        return found


class _Package:
    """The modules of one set, made when they are first imported."""

    def __init__(self, digest: Digest, sources: Mapping[str, bytes]) -> None:
        self._name = f"contract_set_{digest.hex()}"
        self._sources = sources
        self._modules: dict[str, ModuleType] = {}
        self._builtins = {
            name: value for name, value in vars(builtins).items() if name not in _NO_BUILTINS
        }
        self._builtins["__import__"] = self._import

    def module(self, name: str) -> ModuleType:
        """The module that the set's own code calls `name`, with the packages above it.

        Raises ModuleNotFoundError, and what its code raises.
        """
        if name in self._modules:
            return self._modules[name]
        above, _, last = name.rpartition(".")
        parent = self.module(above) if above else None
        if name in self._modules:  # the package above imports it
            return self._modules[name]
        path = "/".join(name.split(".")[1:])
        is_package = (found := f"{path}/__init__.py".lstrip("/")) in self._sources
        if not is_package and (found := f"{path}.py") not in self._sources:
            raise ModuleNotFoundError(f"the contract set has no module {name}", name=name)
        made = self._made(name, found, is_package=is_package)
        if parent is not None:
            setattr(parent, last, made)
        return made

    def forget(self) -> None:
        """Leave nothing behind."""
        for module in self._modules.values():
            sys.modules.pop(module.__name__, None)

    def _made(self, name: str, path: str, *, is_package: bool) -> ModuleType:
        unique = self._name + name.removeprefix(_PACKAGE)
        module = ModuleType(unique)
        module.__dict__["__builtins__"] = self._builtins
        module.__file__ = f"<contract set {self._name[13:21]}>/{path}"
        module.__package__ = unique if is_package else unique.rpartition(".")[0]
        if is_package:
            module.__path__ = []
        # Before it is executed: modules that import each other find it, and so do dataclasses and
        # msgspec, which look up where a class was written to understand its annotations.
        self._modules[name] = sys.modules[unique] = module
        code = compile(self._sources[path], module.__file__, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the code of a contract set is executed here
        return module

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - as the language calls it
        locals: Mapping[str, Any] | None = None,  # noqa: A002 - as the language calls it
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """See builtins.__import__."""
        if level or not allowed(name, _IMPORTS):
            raise ImportError(f"a contract set may not import {'.' * level}{name}", name=name)
        if name.partition(".")[0] != _PACKAGE:
            return __import__(name, globals, locals, fromlist or ())
        module = self.module(name)
        for item in fromlist or ():
            if not hasattr(module, item):
                self.module(f"{name}.{item}")
        return module if fromlist else self.module(_PACKAGE)


def _contract_set(digest: Digest, package: ModuleType) -> ContractSet:
    """The package's functions, their answers in this program's types."""
    missing = [name for name in _OFFERED if not callable(getattr(package, name, None))]
    if missing:
        raise ContractSetUnusable(f"it does not offer {', '.join(missing)}")
    judge: Any = package

    def apply(record: bytes, context: Context, view: StateView) -> Accepted | Rejected:
        answer = judge.apply(record, context, view)
        if isinstance(answer, judge.Accepted):
            return Accepted(answer.changes)
        return Rejected(answer.rule, answer.values)

    def due_acts(context: BlockContext, view: StateView) -> tuple[DueAct, ...]:
        acts = judge.due_acts(context, view)
        return tuple(DueAct(act.act, act.reference, act.changes) for act in acts)

    def first_state(members: Sequence[GenesisMember]) -> tuple[tuple[str, bytes], ...]:
        return tuple(judge.genesis_state(members))

    def author_problem(author: str, signer: bytes, view: StateView) -> Rejected | None:
        problem = judge.author_problem(author, signer, view)
        return None if problem is None else Rejected(problem.rule, problem.values)

    rules = {name: _rule(rule) for name, rule in judge.RULES.items()}
    return ContractSet(digest, apply, due_acts, first_state, author_problem, rules)


def _rule(theirs: Any) -> Rule:
    """A rule of the set as this program shows it. Sets from before severities have none."""
    stated = getattr(theirs, "severity", Severity.MATERIAL)
    known = stated in tuple(each.value for each in Severity)
    severity = Severity(stated) if known else Severity.MATERIAL
    return Rule(theirs.id, theirs.text, theirs.source, theirs.text_ru, severity)
