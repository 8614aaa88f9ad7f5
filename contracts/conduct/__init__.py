"""Conduct: what final offences say about a participant, by rule and block time.

Written only when an offence becomes final (see `compliance`); no record changes it. Other subjects
ask for the grade: conditions of authorised operators, reductions of guarantees, bulk declarations.
"""
