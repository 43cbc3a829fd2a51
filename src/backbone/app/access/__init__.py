"""Who may do what: callers, accounts, sealed secrets and the record of what was done."""
