"""Sync information: which local issue belongs to which remote one, as administrators list, delete, restore and import it."""
