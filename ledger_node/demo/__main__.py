"""`make demo`: see `command`. Ctrl-C is answered in one line, also while all is being loaded."""

import sys

try:
    from ledger_node.demo.command import main

    code = main()
except KeyboardInterrupt:
    print("interrupted", file=sys.stderr)
    code = 130  # as shells count it
sys.exit(code)
