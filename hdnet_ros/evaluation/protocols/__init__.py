"""How the published data sets are evaluated: Human3.6M and MuPoTS-3D."""
