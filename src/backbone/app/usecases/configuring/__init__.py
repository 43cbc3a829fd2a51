"""Configurations over the public interface: written, checked, published, compared, rolled back, exchanged as files."""
