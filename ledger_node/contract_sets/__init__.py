"""Contract sets beside the installed one: packed to files, checked, kept on a shelf, loaded.

A union changes its rules by vote, and every block is judged by the set in force at its height, in
the present and whenever history is executed again. So a node holds the code of past and coming
rules as data: `packing` is the file members hand to each other, `determinism` what they check it
for, `loading` makes it executable beside other versions, `shelf` is where a node keeps them.
"""
