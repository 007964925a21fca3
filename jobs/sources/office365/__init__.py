"""Office 365: users and groups of a tenant, read from Microsoft Graph."""
