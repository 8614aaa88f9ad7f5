"""What happens to guarantees by itself."""

from contracts.kernel.deadline import Deadline
from contracts.kernel.sources import COMMON_TRANSIT
from contracts.references.time import DAY

REVOCATION_NOTICE = 16 * DAY
"""A revocation bars new use from the 16th day on (Common Transit practice)."""

REVOCATION_EFFECTIVE = Deadline(
    "guarantee.revocation-effective",
    "16 days after it was announced, a revocation bars new use; what is open stays covered.",
    COMMON_TRANSIT,
)
EXPIRES = Deadline(
    "guarantee.expire",
    "The validity of a guarantee ends; what is open stays covered.",
    COMMON_TRANSIT,
)
