"""What the API grants its clients: sizes in bytes, times in seconds, numbers at once.

A node votes first and serves second: every bound here keeps clients, slow, many or hostile, from
taking memory, threads or the event loop away from consensus.
"""

from typing import Final

from ledger_node.ledger.particulars import MAX_PLAINTEXT
from ledger_node.ledger.submission import MAX_SUBMISSION_BYTES

SUBMISSION_BYTES: Final = MAX_SUBMISSION_BYTES
PAYLOAD_BYTES: Final = 2 * MAX_PLAINTEXT + 4096
"""Plaintext in hex, and the JSON around it."""

BODY_S: Final = 20.0
"""For a whole request body to arrive."""
IDLE_S: Final = 30.0
"""For a request's header to arrive, on a new connection or a kept one."""
CLOSE_S: Final = 5.0
"""For requests under way when the node stops."""

MAX_WAIT_S: Final = 60.0
"""Longest that a client may ask an answer to wait for."""

REQUESTS: Final = 512
"""Requests answered at once; one more gets 503."""
WAITING: Final = 256
"""Of these, requests that wait for something to become final or published."""
READ_THREADS: Final = 4

STREAMS: Final = 32
"""Streams of submissions open at once."""
STREAM_MESSAGE_BYTES: Final = 4 * 1024 * 1024
STREAM_SUBMISSIONS: Final = 256
"""Submissions in one message of a stream."""
STREAM_OUTSTANDING: Final = 4096
"""Submissions of a stream that have no answer yet; until there are fewer, no more are read."""
STREAM_ALIVE_S: Final = 20.0
"""An idle stream is asked this often whether its client lives."""

PAGE: Final = 50
MAX_PAGE: Final = 200
"""Objects or changes on a page."""

MAX_KEY: Final = 128
"""Characters of an object key; the longest kind has 60."""

RETRY_AFTER_S: Final = 1
"""What a client that came at a bad time is told to wait."""
