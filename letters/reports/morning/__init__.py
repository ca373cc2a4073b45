"""What the office needs in the first hour of a school day: whom to ring, who came late, which registers are open."""
