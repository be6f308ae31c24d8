"""Dell PowerEdge servers behind iDRAC 7 to 10: ``idrac`` declares, the other modules behave."""
