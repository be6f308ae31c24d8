"""The DSP0266 side of an emulated BMC: listening, TLS, sessions and faults, over any backend."""
