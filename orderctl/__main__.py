"""``python -m orderctl``: the command line."""

from orderctl.cli import main

main()
