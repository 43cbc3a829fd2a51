"""How parcels get to the partner: by directories and by mail, behind ``ports/transport.py``."""
