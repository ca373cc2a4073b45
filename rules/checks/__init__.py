"""What is missing in a register, and what looks wrong in it."""
