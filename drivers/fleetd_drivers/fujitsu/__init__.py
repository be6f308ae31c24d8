"""Fujitsu PRIMERGY behind iRMC S4 to S6."""
