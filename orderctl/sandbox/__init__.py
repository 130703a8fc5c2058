"""A workspace's own plugins in a process of their own: they see what they are handed, and nothing else.

``host`` is this side, ``child`` the process as this side sees it, ``wire`` what goes between, ``guest`` the other side
and ``cell`` its walls.
"""
