"""Commands about what the office enters and takes out: records, figures."""
