"""What happens to declarations and movements by itself, and after how long.

The periods of enquiry and recovery follow Common Transit practice, of which months count 30 days.
"""

from contracts.kernel.deadline import Deadline
from contracts.kernel.sources import CC_22, CC_151, COMMON_TRANSIT, ncts, with_practice
from contracts.references.time import DAY

PRESENTATION_PERIOD = 30 * DAY
ENQUIRY_GRACE = 7 * DAY
"""Between the deadline and the enquiry: arrivals are told late more often than goods are lost."""
HOLDER_REPLIES = 28 * DAY
DESTINATION_REPLIES = 40 * DAY
COMPLETION_PERIOD = 6 * DAY
"""From the arrival to the decision: results of control go out on the third day, on the sixth at
the latest."""
RECOVERY_AFTER = 7 * 30 * DAY
"""From the deadline."""
PAYMENT_PERIOD = 30 * DAY
"""From the notification of the claim, or from the decision that upheld it."""

LAPSE = Deadline(
    "transit.lapse",
    "A pre-lodged declaration whose goods are not presented within 30 days lapses.",
    COMMON_TRANSIT,
)
OPEN_ENQUIRY = Deadline(
    "transit.open-enquiry",
    "Seven days after the deadline, goods that have not arrived are searched for: their holder and "
    "the office of destination are asked.",
    with_practice(CC_22),
)
COMPLETION_OVERDUE = Deadline(
    "transit.completion-overdue",
    "The office of destination has not completed the procedure within six days of the arrival: the "
    "movement says so from then on, as a fact for those who wait and for auditors.",
    with_practice(CC_151),
)
HOLDER_SILENT = Deadline(
    "transit.holder-silent",
    "The holder has not answered the enquiry within 28 days.",
    ncts("enquiry 140, 141"),
)
DESTINATION_SILENT = Deadline(
    "transit.destination-silent",
    "The office of destination has not answered the enquiry within 40 days.",
    ncts("enquiry 142, 143"),
)
OPEN_RECOVERY = Deadline(
    "transit.open-recovery",
    "Seven months after the deadline, the debt for goods still not found is recovered.",
    with_practice(CC_22),
)
PAYMENT_OVERDUE = Deadline(
    "transit.payment-overdue",
    "A guarantor who has neither paid nor contested a claim within 30 days is in default.",
    COMMON_TRANSIT,
)
