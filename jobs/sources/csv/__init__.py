"""Users from a file that somebody exported, whatever exported it."""
