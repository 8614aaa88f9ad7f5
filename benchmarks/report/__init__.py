"""The report of a benchmark run for people: tables in Markdown, pictures in SVG."""
