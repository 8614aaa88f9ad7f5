"""Mutants of code that refuses: conditions dropped, parts of them left out, bounds moved by one.

What refuses is a call of `require`, a `raise violation(…)`, a call of a function named
`require…`/`check…`/`named`/`advance`/`demand`, and a function that answers yes or no. A bound is
moved the way that refuses less.
"""

import ast
import importlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from types import FunctionType, ModuleType

import contracts
from contracts.kernel.rule import Rule
from tests.mutation.mutant import Mutant, exchange, functions_of

ROOT = Path(contracts.__file__).parent
NO_RULES = ("rulebook", "roles_page", "schema", "wco_names", "json_form", "catalogue")
"""Modules that describe the contracts, or list them, and refuse nothing."""

ANOTHER = Rule("XX-000", "Something else is asked.", "Nowhere", "Требуется иное.")
"""What a mutant cites in place of the rule it should."""

_WEAKER = {ast.Lt: ast.LtE, ast.Gt: ast.GtE}
_TIGHTER = {ast.LtE: ast.Lt, ast.GtE: ast.Gt}
Change = tuple[str, str, str, Callable[[ast.AST], None]]
"""Kind, rule, words, and what makes the change in a copy of the node."""


def modules() -> Iterator[ModuleType]:
    """Every module of the contracts that judges records."""
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("")
        if path.stem != "__init__" and str(name) not in NO_RULES:
            yield importlib.import_module("contracts." + ".".join(name.parts))


def code_mutants() -> Iterator[Mutant]:
    """All of them, module by module."""
    for module in modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        tree = ast.parse(source)
        found = {
            (node.name, node.lineno): node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        }
        for qualified, function in functions_of(module):
            code = function.__code__
            first = code.co_firstlineno
            node = next(
                (
                    each
                    for (name, line), each in found.items()
                    if name == function.__name__
                    and first in (line, *(mark.lineno for mark in each.decorator_list))
                ),
                None,
            )
            if node is not None:
                yield from _of_function(module, qualified, function, tree, node)


def _of_function(
    module: ModuleType,
    qualified: str,
    function: FunctionType,
    tree: ast.Module,
    node: ast.FunctionDef,
) -> Iterator[Mutant]:
    file = str(module.__file__)
    where = f"{Path(file).relative_to(ROOT).as_posix()} {qualified}"
    seen: dict[str, int] = {}
    for place, inner in enumerate(ast.walk(node)):
        for kind, rule, words, change in _changes(inner, node, function):
            number = seen[words] = seen.get(words, 0) + 1
            yield Mutant(
                kind=kind,
                rule=rule,
                where=where,
                what=words if number == 1 else f"{words} ({number})",
                plant=exchange(function, _worse(tree, node, place, change)),
                touches=frozenset({(module.__name__, qualified)}),
            )


def _worse(
    tree: ast.Module, node: ast.FunctionDef, place: int, change: Callable[[ast.AST], None]
) -> Callable[[], ast.Module]:
    """The module with one change in a function, made when it is asked for."""

    def make() -> ast.Module:
        worse = deepcopy(tree)
        twin = next(
            each
            for each in ast.walk(worse)
            if isinstance(each, ast.FunctionDef)
            and (each.name, each.lineno) == (node.name, node.lineno)
        )
        change(list(ast.walk(twin))[place])
        return worse

    return make


def _changes(node: ast.AST, owner: ast.FunctionDef, function: FunctionType) -> Iterator[Change]:
    match node:
        case ast.Expr(value=ast.Call() as call) if _called(call) == "require":
            rule = _rule_of(call.args[1], function)
            yield from _of_condition(call.args[0], rule, lambda each: each.value.args, 0)
        case ast.Expr(value=ast.Call() as call) if _refuses(_called(call)):
            named = filter(None, (_rule_of(each, function) for each in call.args))
            yield "drop", next(named, ""), f"without {_shown(call)}", _turn_into_pass
        case ast.If(test=test, body=[ast.Raise(exc=ast.Call() as call)]) if _violates(call):
            rule = _rule_of(call.args[0], function)
            yield "drop", rule, f"never if {_shown(test)}", _never
            yield from _of_cause(test, rule)
        case ast.Raise(exc=ast.Call() as call) if _violates(call) and not _under_if(node, owner):
            rule = _rule_of(call.args[0], function)
            yield "drop", rule, "goes on in place of the refusal", _to_return
        case ast.Call(args=args) if _called(node) in ("demand", "named", "require_member"):
            place = next((n for n, each in enumerate(args) if _rule_of(each, function)), None)
            if place is not None:
                rule = _rule_of(args[place], function)
                yield "cite", rule, f"{_shown(node)} cites another rule", _cite_another(place)
        case ast.Return(value=ast.expr() as value) if _answers(owner):
            yield from _of_condition(value, "", lambda each: each, "value")
        case _:
            pass


def _of_condition(
    condition: ast.expr, rule: str, holder: Callable[[ast.AST], object], key: int | str
) -> Iterator[Change]:
    """Weaker forms of a condition that must hold."""
    if not (isinstance(condition, ast.Constant) and condition.value is True):
        yield "drop", rule, f"without {_shown(condition)}", _put(holder, key, ast.Constant(True))
    if isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.And):
        for place, part in enumerate(condition.values):
            yield "weaken", rule, f"without {_shown(part)}", _leave_out(holder, key, place, True)
    for place, part in enumerate(ast.walk(condition)):
        if _negated(condition, part):
            continue
        yield from _bounds(part, rule, holder, key, place, _WEAKER, -1)
        if isinstance(part, ast.Call) and _called(part) == "all":
            yield "weaken", rule, f"any in {_shown(part)}", _any_for_all(holder, key, place)


def _of_cause(test: ast.expr, rule: str) -> Iterator[Change]:
    """Stronger forms of a condition under which it is refused."""
    holder: Callable[[ast.AST], object] = lambda each: each  # noqa: E731 - as for conditions
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        for place, part in enumerate(test.values):
            yield (
                "weaken",
                rule,
                f"also if {_shown(part)}",
                _leave_out(holder, "test", place, False),
            )
    for place, part in enumerate(ast.walk(test)):
        yield from _bounds(part, rule, holder, "test", place, _TIGHTER, +1)


def _bounds(
    part: ast.AST,
    rule: str,
    holder: Callable[[ast.AST], object],
    key: int | str,
    place: int,
    easier: dict[type[ast.cmpop], type[ast.cmpop]],
    step: int,
) -> Iterator[Change]:
    """A comparison of numbers, off by one."""
    if not isinstance(part, ast.Compare):
        return
    for number, operator in enumerate(part.ops):
        if not isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            continue
        words = f"off by one at {_shown(part)}" + (f", {number + 1}" if len(part.ops) > 1 else "")
        yield "bound", rule, words, _off_by_one(holder, key, place, number, easier, step)


def _off_by_one(
    holder: Callable[[ast.AST], object],
    key: int | str,
    place: int,
    number: int,
    easier: dict[type[ast.cmpop], type[ast.cmpop]],
    step: int,
) -> Callable[[ast.AST], None]:
    def change(node: ast.AST) -> None:
        compare = list(ast.walk(_get(holder(node), key)))[place]
        assert isinstance(compare, ast.Compare)
        operator = compare.ops[number]
        if type(operator) in easier:
            compare.ops[number] = easier[type(operator)]()
            return
        lower = isinstance(operator, ast.LtE | ast.Lt)
        right = compare.comparators[number]
        shift = -step if lower else step
        moved = ast.BinOp(right, ast.Add(), ast.Constant(shift))
        compare.comparators[number] = moved
        # What follows in a chain is compared with the number itself.
        if number + 1 < len(compare.ops):
            rest = ast.Compare(right, compare.ops[number + 1 :], compare.comparators[number + 1 :])
            first = ast.Compare(
                compare.left, compare.ops[: number + 1], compare.comparators[: number + 1]
            )
            _replace(holder(node), key, compare, ast.BoolOp(ast.And(), [first, rest]))

    return change


def _replace(holder: object, key: int | str, old: ast.AST, new: ast.expr) -> None:
    top = _get(holder, key)
    if top is old:
        _set(holder, key, new)
        return
    for parent in ast.walk(top):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(each is old for each in value):
                value[:] = [new if each is old else each for each in value]


def _put(
    holder: Callable[[ast.AST], object], key: int | str, value: ast.expr
) -> Callable[[ast.AST], None]:
    return lambda node: _set(holder(node), key, value)


def _leave_out(
    holder: Callable[[ast.AST], object], key: int | str, place: int, neutral: bool
) -> Callable[[ast.AST], None]:
    def change(node: ast.AST) -> None:
        whole = _get(holder(node), key)
        assert isinstance(whole, ast.BoolOp)
        whole.values[place] = ast.Constant(neutral)

    return change


def _any_for_all(
    holder: Callable[[ast.AST], object], key: int | str, place: int
) -> Callable[[ast.AST], None]:
    def change(node: ast.AST) -> None:
        call = list(ast.walk(_get(holder(node), key)))[place]
        assert isinstance(call, ast.Call)
        call.func = ast.Name("any", ast.Load())

    return change


def _cite_another(place: int) -> Callable[[ast.AST], None]:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.Call)
        path = f"{__name__}.ANOTHER"
        node.args[place] = ast.parse(
            f"__import__('sys').modules[{path.rpartition('.')[0]!r}].ANOTHER", mode="eval"
        ).body

    return change


def _turn_into_pass(node: ast.AST) -> None:
    assert isinstance(node, ast.Expr)
    node.value = ast.Constant(None)


def _never(node: ast.AST) -> None:
    assert isinstance(node, ast.If)
    node.test = ast.Constant(False)


def _to_return(node: ast.AST) -> None:
    assert isinstance(node, ast.Raise)
    node.exc = None
    node.cause = None
    node.__class__ = ast.Pass  # type: ignore[assignment]  # statements are told apart by class


def _get(holder: object, key: int | str) -> ast.AST:
    found = holder[key] if isinstance(key, int) else getattr(holder, key)  # type: ignore[index]  # list
    assert isinstance(found, ast.AST)
    return found


def _set(holder: object, key: int | str, value: ast.expr) -> None:
    if isinstance(key, int):
        holder[key] = value  # type: ignore[index]  # a list of arguments
    else:
        setattr(holder, key, value)


def _called(call: ast.AST) -> str:
    if not isinstance(call, ast.Call):
        return ""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _refuses(name: str) -> bool:
    bare = name.lstrip("_")
    return bare.startswith(("require_", "check_")) or bare in ("named", "advance")


def _violates(call: ast.Call) -> bool:
    return _called(call) == "violation"


def _under_if(node: ast.AST, owner: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.If) and each.body == [node] for each in ast.walk(owner))


def _answers(owner: ast.FunctionDef) -> bool:
    return isinstance(owner.returns, ast.Name) and owner.returns.id == "bool"


def _negated(condition: ast.expr, part: ast.AST) -> bool:
    """True below a `not`, where weaker would mean stronger."""
    return any(
        isinstance(each, ast.UnaryOp)
        and isinstance(each.op, ast.Not)
        and any(inner is part for inner in ast.walk(each.operand))
        for each in ast.walk(condition)
    )


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:89]}…"


def _rule_of(expression: ast.expr, function: FunctionType) -> str:
    """The id of the rule an argument names; "" if only a call tells, or it is none."""
    try:
        value = eval(ast.unparse(expression), dict(function.__globals__))
    except Exception:  # noqa: BLE001 - a local name: only a call tells
        return ""
    return value.id if isinstance(value, Rule) else ""
