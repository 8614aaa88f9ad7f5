"""Every target, by name."""

from tests.fuzz import acts, clients, files, foreign, peers, proofs, snapshots, unions
from tests.fuzz.target import Target

ALL: dict[str, Target] = {
    target.name: target
    for room in (peers, snapshots, clients, acts, proofs, files, foreign, unions)
    for target in room.TARGETS
}
