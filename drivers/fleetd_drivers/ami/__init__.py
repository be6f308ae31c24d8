"""AMI MegaRAC, which runs under many makers' names: the board's overlay says whose it is."""
