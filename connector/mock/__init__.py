"""A made-up school, and mock MIS servers over it. Everyone in it is invented."""
