"""Parcels as files: one directory to send, one to receive, whatever file system or share each is on.

Nothing here trusts a directory: others write into it, networks lose it, and people put links in its place.
"""
