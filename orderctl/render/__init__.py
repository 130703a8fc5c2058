"""Papers and pages: a view (plain values) and a template give bytes. Reads no clock and no file of a workspace."""
