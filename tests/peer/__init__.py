"""A second, plain implementation of the attendance policies, to compare the product's engine with."""
