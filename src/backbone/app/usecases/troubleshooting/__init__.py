"""Analyze & Fix Errors: what each problem means, what a person may do about it, and doing it."""
