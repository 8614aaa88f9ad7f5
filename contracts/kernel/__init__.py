"""What every subject of the contracts is built from: rules, records, states, lifecycles.

Nothing here knows customs. Arrows: kernel ← references ← registry ← reference ← conduct ←
guarantee ← transit ← seals ← control ← ecommerce ← compliance; and registry ← governance.
"""
