"""What Git calls: before a commit, before and after a push. They judge and say; nothing here prints."""
