"""How well people are followed: simulated people with the errors of real footage, and figures for what comes out."""
