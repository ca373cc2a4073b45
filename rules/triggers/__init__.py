"""One module per kind of condition. Each takes a view and a rule and returns hits; none knows another rule's insides."""
