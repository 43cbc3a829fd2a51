"""How two installations talk: parcels are collected, understood, sealed and sent."""
