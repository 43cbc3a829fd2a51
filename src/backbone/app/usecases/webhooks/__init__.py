"""Webhooks: registering them, and making hints of what they deliver."""
