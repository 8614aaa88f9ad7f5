"""What is measured, a module a question. Each gives a part of the report as plain values."""
