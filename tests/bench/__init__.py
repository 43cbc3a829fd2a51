"""Benchmarks: REST calls, throughput, workers and kills, measured against the floor of a plain client."""
