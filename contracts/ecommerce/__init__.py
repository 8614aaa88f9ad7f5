"""International e-commerce: bulk declarations, parcels proven without showing the others.

A registered operator declares many parcels at once; the ledger holds totals, the highest value and
mass, and the Merkle root of the parcel register, which stays with the operator. Any parcel can be
proven against that root later, and no other parcel is shown by it. Invariants: a parcel returns at
most once; a declaration travels under at most one open movement; a movement carries declarations
of one operator under one guarantee. Follows the WCO E-Commerce Framework of Standards.
"""
