"""plugin.broken: it fails while it is loaded."""

RULE = Rules(id="broken")  # there is no such name
