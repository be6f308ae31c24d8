"""What exists and what may happen to it: types, states, rules, errors and ports, without I/O."""
