"""Messages of other systems, in: read, checked, and split into a public part and particulars.

`ncts` reads the messages of the EU/Common Transit NCTS. `translation` renames offices and parties
for a union whose codes differ, `refusal` is the vocabulary of errors. Everything here is pure:
bytes in, values out; files and keys belong to the caller. User documentation: docs/import.md.
"""
