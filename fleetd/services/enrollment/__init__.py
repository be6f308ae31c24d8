"""Brings servers into Ironic and keeps them there: classify, desire, match, plan, reconcile.

Everything up to the plan is pure; ``reconcile`` has the effects and ``service`` feeds it.
"""
