"""NCTS messages: hostile XML in, checked message, declaration and particulars out.

From the outside in: `document` turns bytes into a bounded XML tree, `phases` knows how earlier
phases differ, `schema` validates against the bundled XSDs, `reader` puts the three together.
`declaration` takes the public fields of a CC015C, `groups` splits the rest into particulars,
`importer` is the one function that callers need.
"""
