"""The public REST API, and the few pages it needs."""
