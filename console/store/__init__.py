"""The only code that queries and commits. Functions that act commit before they return."""
