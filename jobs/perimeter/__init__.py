"""What a mail server asks: protocols (pure), the decision from memory or the database, and the two TCP doors."""
