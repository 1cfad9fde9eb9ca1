"""Tables of results: what they are made of, how they are written, and one module per table of the paper."""
