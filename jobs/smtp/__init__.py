"""The callout: does a domain's own mail server accept this recipient? No mail is ever sent by it."""
