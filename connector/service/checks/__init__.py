"""Parts of `check`: each looks at one thing that can be wrong with a set-up."""
