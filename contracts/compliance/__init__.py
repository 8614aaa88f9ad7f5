"""One responsibility: one catalogue of offences, one decision an offence for the whole union.

An offence is named by its kind, the matter (a movement or a bulk declaration) and the offender.
That name is its key, so that the same offence cannot be opened, let alone decided, twice anywhere
in the union. The member that opens it is competent, unless it hands the case over. What was
decided enters the offender's conduct once it is final, by rule and block time; nobody writes a
conduct by hand.
"""
