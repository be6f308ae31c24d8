"""Lenovo ThinkSystem behind XCC to XCC3: ``xcc`` declares, the other modules behave."""
