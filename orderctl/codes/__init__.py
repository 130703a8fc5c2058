"""The findings of the machine's own stages, by dotted code. One file a stage."""
