"""Whom a verifier believes: logs, witnesses, and how many of them. Source: c2sp.org/tlog-policy."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from ctl_verify.note import LOG, WITNESS, Key, Line, parse_key
from ctl_verify.refusal import Malformed

MAX_POLICY: Final = 256 * 1024
MAX_LINES_OF_A_KIND: Final = 256


@dataclass(frozen=True)
class Group:
    """Holds when at least `threshold` of `members`, witnesses or groups, hold."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass
class Policy:
    """witnesses: by their names here, in order of lines; quorum: the name that has to hold."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None

    def log_of(self, origin: str, line: Line) -> Key | None:
        """The listed log that a line says it is by."""
        return next((k for k in self.logs if line.name == origin and line.is_by(k)), None)

    def witness_of(self, line: Line) -> str | None:
        """The listed witness that a line says it is by."""
        return next((name for name, key in self.witnesses.items() if line.is_by(key)), None)

    def is_met(self, cosigned: AbstractSet[str]) -> bool:
        """Whether these witnesses are enough."""
        holding = {"none", *cosigned}
        for group in self.groups:
            if sum(member in holding for member in group.members) >= group.threshold:
                holding.add(group.name)
        return self.quorum in holding

    def without_spare(self, cosigned: list[str], kept: AbstractSet[str] = frozenset()) -> list[str]:
        """As many as the quorum needs, dropping from the end, but none of `kept`."""
        names = set(cosigned)
        for name in reversed(cosigned):
            if name not in kept and self.is_met(names - {name}):
                names.discard(name)
        return [name for name in cosigned if name in names]


def parse_policy(data: bytes) -> Policy:
    """The policy in a file. Raises Malformed, with the number of the line."""
    if len(data) > MAX_POLICY:
        raise Malformed("the policy is larger than is accepted")
    if data and not data.endswith(b"\n"):
        raise Malformed("the policy's last line does not end in a newline")
    reader = _Reader()
    for number, line in enumerate(data.split(b"\n"), start=1):
        if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", line):
            raise Malformed(
                f"policy line {number}: a control character: lines end in LF, never in CR LF"
            )
        text = line.decode("utf-8", "surrogateescape")
        words = [word for word in re.split(r"[ \t]+", text) if word]
        try:
            if words and not words[0].startswith("#"):
                reader.read(words)
        except Malformed as error:
            raise Malformed(f"policy line {number}: {error}") from error
    if reader.policy.quorum is None:
        raise Malformed("the policy has no quorum line")
    return reader.policy


class _Reader:
    def __init__(self) -> None:
        self.policy = Policy()
        self._names: set[str] = set()
        self._grouped: set[str] = set()
        self._marks: set[tuple[object, ...]] = set()

    def read(self, words: list[str]) -> None:
        policy = self.policy
        match words:
            case ["log", key] | ["log", key, _]:
                policy.logs.append(self._key(key, LOG))
            case ["witness", name, key] | ["witness", name, key, _]:
                self._define(name)
                policy.witnesses[name] = self._key(key, WITNESS)
            case ["group", name, threshold, *members] if members:
                for member in members:
                    if member not in self._names or member in self._grouped:
                        raise Malformed(f"{_shown(member)} cannot be a member")
                    self._grouped.add(member)
                self._define(name)
                group = Group(name, _threshold(threshold, len(members)), tuple(members))
                policy.groups.append(group)
            case ["quorum", name] if policy.quorum is None:
                if name != "none" and name not in self._names:
                    raise Malformed(f"{_shown(name)} cannot be the quorum")
                policy.quorum = name
            case _:
                raise Malformed(f"it is no line of a policy: {_shown(words[0])}")
        for kind in (policy.logs, policy.witnesses, policy.groups):
            if len(kind) > MAX_LINES_OF_A_KIND:
                raise Malformed("more lines of this kind than are accepted")

    def _define(self, name: str) -> None:
        if name == "none" or name in self._names:
            raise Malformed(f"the name {_shown(name)} is taken")
        self._names.add(name)

    def _key(self, text: str, kind: int) -> Key:
        key = parse_key(text)
        if key.type != kind:
            raise Malformed(f"the key {key.name} is of another type")
        # A signature line names the key by name and id; the key itself may serve once a role.
        for mark in ((kind, key.public), (key.name, key.id)):
            if mark in self._marks:
                raise Malformed(f"the key {key.name} is there twice")
            self._marks.add(mark)
        return key


def _threshold(text: str, members: int) -> int:
    plain = int(text) if re.fullmatch("[1-9][0-9]{0,3}", text) else 0
    number = {"all": members, "any": 1}.get(text, plain)
    if not 1 <= number <= members:
        raise Malformed(f"threshold {_shown(text)} of {members}")
    return number


def _shown(text: str) -> str:
    return repr(text[:40])
