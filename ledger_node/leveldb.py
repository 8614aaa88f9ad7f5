"""The LevelDB binding of this Python, under one name.

plyvel has no wheels for Python 3.13 and later; its maintained fork plyvel-next has, with the same
interface, but under a module name of its own. Everyone imports `plyvel` from here.
"""

import sys

if sys.version_info >= (3, 13):
    import plyvel_next as plyvel
else:
    import plyvel

__all__ = ["plyvel"]
