"""HPE servers behind iLO 4 to 7: ``ilo`` declares, the other modules behave."""
