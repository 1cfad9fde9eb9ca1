"""Tables of results: what they are made of, how they are written, and the rows of each table of the paper."""
