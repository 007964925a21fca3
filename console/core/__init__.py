"""Pure rules of the recipient list. Imports nothing but the standard library."""
