"""What goes wrong in a run: a plan drawn from the seed, all of it over by HEALED_AT.

Each kind takes part in a run with some probability, so that a thousand seeds cover the
combinations. Members that are dead for good and Byzantine ones are at most f together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from consensus.block import Member
from consensus.quorum import max_faulty
from tests.simulation.network import Conditions

WIRE = ("delay", "loss", "duplication", "partition")
MACHINE = ("slow-disk", "clock-drift")
CRASHES = ("crash", "blackout", "death")
BYZANTINE = (
    "silent",
    "silent-leader",
    "selective-sender",
    "equivocator",
    "double-voter",
    "nullify-and-finalize",
    "wrong-outcome",
    "withheld-bodies",
    "forker",
    "stale-replay",
    "forger",
    "flooder",
    "time-liar",
    "twin",
)
CHANGE = ("epochs",)
KINDS = WIRE + MACHINE + CRASHES + BYZANTINE + CHANGE

HEALED_AT = 2000
"""ms: from here on the wire is good and everyone who is not dead for good is up."""
CALM = Conditions()
CALM_WORKING_MS = 3
CALM_SYNC_MS = 2


@dataclass(frozen=True, slots=True)
class Partition:
    """From `start` to `end`, only addresses on the same island hear each other."""

    start: int
    end: int
    islands: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Crash:
    """At `time` and after some more effects the member dies; it comes back at `back`, or never."""

    time: int
    member: Member
    effects: int
    back: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that goes wrong in one run."""

    conditions: Conditions = CALM
    partitions: tuple[Partition, ...] = ()
    crashes: tuple[Crash, ...] = ()
    byzantine: tuple[tuple[Member, str], ...] = ()
    working_ms: int = 0
    sync_ms: int = 0
    clocks_drift: bool = False
    epochs_end: bool = False
    """Whether some submissions end the epoch, and members begin the next with other keys."""

    @property
    def dead(self) -> set[Member]:
        """Members that never come back."""
        return {crash.member for crash in self.crashes if crash.back is None}


def draw(random: Random, members: int, kinds: Sequence[str], liars: int | None = None) -> Plan:
    """The plan of one run. liars: how many members lie or die, drawn up to f if not given."""
    on = {kind for kind in KINDS if kind in kinds and random.random() < 0.6}
    everyone = [Member(m) for m in range(members)]
    if liars is None:
        liars = random.randint(0, max_faulty(members))
    faulty = random.sample(everyone, liars)
    lies = [kind for kind in (*BYZANTINE, "death") if kind in on]
    # One kind of liar is common, so that each gets its share of runs on its own.
    if lies and random.random() < 0.5:
        lies = [random.choice(lies)]
    role = {m: random.choice(lies) for m in faulty} if lies else {}
    doomed = [m for m, kind in role.items() if kind == "death"]
    crashes = [_death(random, m) for m in doomed]
    if "crash" in on:
        crashes += [_crash(random, random.choice(everyone)) for _ in range(random.randint(1, 8))]
    if "blackout" in on:
        time = random.randrange(HEALED_AT - 500)
        crashes += [
            Crash(time, m, random.randint(0, 3), time + random.randint(20, 400)) for m in everyone
        ]
    return Plan(
        Conditions(
            most_delay=random.choice((40, 150, 500)) if "delay" in on else CALM.most_delay,
            loss=random.choice((0.02, 0.1, 0.3)) if "loss" in on else 0.0,
            duplication=0.2 if "duplication" in on else 0.0,
        ),
        tuple(_partition(random, members) for _ in range(random.randint(1, 3)))
        if "partition" in on
        else (),
        tuple(c for c in crashes if c.member not in doomed or c.back is None),
        tuple((m, kind) for m, kind in role.items() if kind != "death"),
        random.choice((0, 3, 20, 80)),
        random.choice((5, 30, 120)) if "slow-disk" in on else 0,
        "clock-drift" in on,
        "epochs" in on,
    )


def _death(random: Random, member: Member) -> Crash:
    return Crash(random.randrange(HEALED_AT), member, random.randint(0, 20), None)


def _crash(random: Random, member: Member) -> Crash:
    time = random.randrange(HEALED_AT - 200)
    return Crash(time, member, random.randint(0, 20), time + random.randint(10, 600))


def _partition(random: Random, members: int) -> Partition:
    """Second copies of members, at the addresses from `members` on, have islands of their own."""
    start = random.randrange(HEALED_AT - 300)
    islands: dict[int, list[int]] = {}
    for address in range(2 * members):
        islands.setdefault(random.randrange(2 if random.random() < 0.8 else 3), []).append(address)
    end = min(start + random.randint(100, 1000), HEALED_AT)
    return Partition(start, end, tuple(tuple(island) for island in islands.values()))
