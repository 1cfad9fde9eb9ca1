"""The systems that are compared: everything that says where people are, behind one interface."""
