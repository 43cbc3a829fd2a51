"""The resources of the public REST API, one module a noun."""
