"""Benchmarks that anyone can run: real footage that a package brings along, and synthetic people."""
