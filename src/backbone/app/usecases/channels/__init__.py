"""What administrators do with a channel to a partner behind firewalls."""
