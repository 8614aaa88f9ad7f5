"""The protocol as plays: scripts whose expected output is what the real cores do, line by line.

Each `.txt` file is one play, of blocks

    # what is about to happen, and which rule it shows
    command
    ----
    what follows

`stage` has the commands. After a deliberate change of behaviour `python -m pytest tests/scenarios
--regenerate-scenarios` writes the plays anew, and the difference is what is to be reviewed.
"""
