"""Conduct: what final offences say about a participant, by rule and block time.

Written only when an offence becomes final (see `compliance`); no record changes it. Other subjects
ask for the grade: reductions of guarantees, bulk declarations. A registrar grants and ends the
status of authorised economic operator; a conduct that is no longer good suspends it by itself.
"""
