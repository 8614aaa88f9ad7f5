"""Messages of other systems, in: read, checked, and split into a public part and particulars.

`ncts` reads the messages of the EU/Common Transit NCTS. `translation` renames offices and parties
for a union whose codes differ, `refusal` is the vocabulary of errors. Bytes in, values out: apart
from its own schemas it reads and writes no file. User documentation: docs/import.md.
"""
