"""``python -m orderctl``: the command line."""

import sys

from orderctl.cli import main

sys.exit(main())
