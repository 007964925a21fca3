"""Active Directory and other directories over LDAP."""
