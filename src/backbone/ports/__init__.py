"""What the application needs of the outside, as protocols without code."""
