"""Members that lie, each a few lines over the honest one. At most f of them take part."""

from tests.simulation.adversaries.double_voter import DoubleVoter
from tests.simulation.adversaries.equivocating_leader import EquivocatingLeader
from tests.simulation.adversaries.fork_leader import ForkLeader
from tests.simulation.adversaries.silent import Silent
from tests.simulation.member import SimulatedMember

ADVERSARIES: dict[str, type[SimulatedMember]] = {
    "silent": Silent,
    "equivocator": EquivocatingLeader,
    "double-voter": DoubleVoter,
    "forker": ForkLeader,
}
