"""Measures orderctl: a generator of workspaces of any size, and a runner that prints ratios."""
