"""The interval that should hold 95 %."""

# Half its width for a normal distribution, in standard deviations.
TWO_SIDED_95 = 1.959964
