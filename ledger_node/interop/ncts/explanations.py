"""What the schema validator finds, in plain words.

The validator's own text is never passed on: it quotes values, which may be an access code, and
reads like a compiler's. A reason is made from the kind of finding, the facet that failed, and the
element's own value unless that is secret. It completes a sentence that begins with the element.
"""

import re
from collections.abc import Callable

from lxml import etree

from ledger_node.interop.ncts.element import local_name
from ledger_node.interop.refusal import shown

NAMESPACE = "http://ncts.dgtaxud.ec"

SECRET = "accessCode"  # noqa: S105 - the name of the element that holds one
"""Elements of this name hold the access code of a guarantee: their value is never repeated."""

_PATTERNS = {
    r"\P{Z}(.*\P{Z})?": "at least one character, with no space at either end",
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}": "date and time as YYYY-MM-DDThh:mm:ss",
    r"\d{4}-\d{2}-\d{2}": "a date as YYYY-MM-DD",
    r"[0-9]{1}": "one digit",
    r"[A-Z]{2}": "two capital letters",
    r"[A-Z]{2}[A-Z0-9]{6}": "two capital letters and six capital letters or digits",
    r"[0-9]{2}[A-Z]{2}[A-Z0-9]{12}[0-9]([A-Z][0-9]{6})?": (
        "a GRN: two digits, two letters, twelve letters or digits, one digit"
    ),
    r"([2][4-9]|[3-9][0-9])[A-Z]{2}[A-Z0-9]{12}[J-M][0-9]": "an MRN of a transit movement",
    r"([0-1][0-9]|[2][0-4])[A-Z]{2}[A-Z0-9]{13}[0-9]": "an MRN",
    r"[1-9]\d*(\.\d+)?": "a number above zero, with a point before decimals",
    r"0\.\d*[1-9]\d*": "a number above zero, with a point before decimals",
    r"(0|[1-9]\d*)(\.\d+)?": "a number with a point before decimals",
    r"[1-9][0-9]{0,4}": "a whole number from 1 to 99999",
}


_MOST_NAMED = 10
"""Elements that the validator names at most."""


def explain(node: etree._Element | None, finding: str, message: str) -> str:
    """The reason to give for a finding about `node`.

    finding: the validator's name of it, e.g. "SCHEMAV_CVC_PATTERN_VALID"; message: its text, from
    which only schema facts are taken (names, patterns, bounds).
    """
    return _EXPLAIN.get(finding, _other)(node, message)


def _said(node: etree._Element | None) -> str:
    """Begin with the value: "is empty" or "is 'x'"; of an access code only that it is wrong."""
    if node is None or local_name(node) == SECRET:
        return "is not acceptable"
    value = (node.text or "").strip()
    return f"is {shown(value)}" if value else "is empty"


def _element_content(node: etree._Element | None, message: str) -> str:
    wanted = re.search(r"Expected is (?:one of )?\( (.*) \)", message)
    expected = " or ".join(_bare(name) for name in wanted[1].split(", ")) if wanted else ""
    if "Missing child element" in message:
        # Content is a sequence: of what may follow, the last is what must, unless the list is cut.
        names = expected.split(" or ")
        missing = names[-1] if len(names) < _MOST_NAMED else expected
        return f"is incomplete: {missing or 'an element'} is missing"
    if node is not None and etree.QName(node).namespace and node.getparent() is not None:
        return (
            "must not be in a namespace: only the root element is "
            f'(xmlns:ncts="{NAMESPACE}", root element with the prefix ncts)'
        )
    suffix = f"; {expected} should be here" if expected else ""
    return f"is not expected in this place{suffix}"


def _bare(name: str) -> str:
    return re.sub(r"\{[^}]*\}", "", name)


def _pattern(node: etree._Element | None, message: str) -> str:
    found = re.search(r"is not accepted by the pattern '(.*)'\.?$", message, re.DOTALL)
    pattern = found[1] if found else ""
    form = _PATTERNS.get(pattern, "the required form")
    return f"{_said(node)}; required is {form} (pattern {pattern})"


def _length(node: etree._Element | None, message: str) -> str:
    numbers = re.findall(r"'(\d+)'", message)
    if (node is not None and local_name(node) == SECRET) or len(numbers) < 2:
        return "does not have the required length"
    actual, bound = numbers[-2:]
    if "exceeds the allowed maximum" in message:
        return f"has {actual} characters, at most {bound} are allowed"
    if "underruns the allowed minimum" in message:
        return f"has {actual} characters, at least {bound} are required"
    return f"has {actual} characters, {bound} are required"


def _digits(node: etree._Element | None, message: str) -> str:
    numbers = re.findall(r"\('(\d+)'\)", message)
    what = "decimals" if "fractional" in message else "digits"
    allowed = f"at most {numbers[-1]} {what} are allowed" if numbers else f"too many {what}"
    return f"{_said(node)}; {allowed}"


def _enumeration(node: etree._Element | None, message: str) -> str:
    allowed = re.search(r"of the set \{(.*)\}", message, re.DOTALL)
    values = sorted(set(re.findall(r"'([^']*)'", allowed[1]))) if allowed else []
    choice = " or ".join(values[:12])
    if "attribute 'PhaseID'" in message:
        stated = shown(str(node.get("PhaseID", ""))) if node is not None else "unknown"
        return f"has the PhaseID {stated}; known are {choice}"
    return f"{_said(node)}; allowed are {choice}"


def _range(node: etree._Element | None, message: str) -> str:
    bound = re.search(r"value allowed \('([^']*)'\)", message)
    limit = f" (limit {bound[1]})" if bound else ""
    return f"{_said(node)}; it is out of range{limit}"


def _datatype(node: etree._Element | None, message: str) -> str:
    kind = re.search(r"type '(?:\{[^}]*\}|xs:)?(\w+?)(?:ContentType\d*)?'", message)
    return f"{_said(node)}; that is not a valid {kind[1] if kind else 'value'}"


def _text_between(_node: etree._Element | None, _message: str) -> str:
    return "holds text where only elements may be"


def _attribute(_node: etree._Element | None, message: str) -> str:
    name = re.search(r"attribute '([^']*)'", message)
    return f"must not have the attribute {shown(_bare(name[1])) if name else 'it has'}"


def _other(node: etree._Element | None, _message: str) -> str:
    return f"{_said(node)}; the schema does not allow it"


_EXPLAIN: dict[str, Callable[[etree._Element | None, str], str]] = {
    "SCHEMAV_ELEMENT_CONTENT": _element_content,
    "SCHEMAV_CVC_PATTERN_VALID": _pattern,
    "SCHEMAV_CVC_LENGTH_VALID": _length,
    "SCHEMAV_CVC_MINLENGTH_VALID": _length,
    "SCHEMAV_CVC_MAXLENGTH_VALID": _length,
    "SCHEMAV_CVC_TOTALDIGITS_VALID": _digits,
    "SCHEMAV_CVC_FRACTIONDIGITS_VALID": _digits,
    "SCHEMAV_CVC_ENUMERATION_VALID": _enumeration,
    "SCHEMAV_CVC_MININCLUSIVE_VALID": _range,
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": _range,
    "SCHEMAV_CVC_MINEXCLUSIVE_VALID": _range,
    "SCHEMAV_CVC_MAXEXCLUSIVE_VALID": _range,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": _datatype,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": _text_between,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": _attribute,
}
