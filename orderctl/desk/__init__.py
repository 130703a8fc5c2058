"""What writes documents: new workspaces and, later, every command that changes a case."""
