"""The commands: one file each, attribute ``command``. Found by listing this folder, loaded when called."""
