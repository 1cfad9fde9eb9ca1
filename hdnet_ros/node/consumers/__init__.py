"""Adapters that put people into the messages of other software; each is off until its parameter switches it on.

One file per adapter; ``registry.KINDS`` names them, and ``docs/consumers.md`` describes them to users.
"""
