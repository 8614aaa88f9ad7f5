"""`python -m ctl_verify`, and what ctl-verify.pyz runs."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 # the one line that older interpreters get to run
    sys.exit("ctl-verify needs Python 3.11 or later, this is " + sys.version.split()[0])

from ctl_verify.command import main

if __name__ == "__main__":
    sys.exit(main())
