"""The HTTP API of one node: what its own member's clients use, and the static log for everyone.

    tokens       the bearer token of a node
    forms        the JSON of answers, as types; the client package reads the same types
    problems     every refusal as RFC 9457 problem details
    limits       sizes, times and how many requests at once
    services     what handlers share: node, threads for reads, the count of waiting requests
    requests     reading what a request asks, bounded and checked
    answers      ledger values as forms, forms as responses
    submissions, objects, entries, rules, payloads, status, static   handlers by subject
    described    what a table of routes says of each
    routes       the table: which handler answers which route
    openapi      the table as an OpenAPI 3.1 document
    app, server  put together, and bound to an address

docs/api.md is the manual. Handlers read one database snapshot each, in threads of their own, so
that consensus keeps the event loop.
"""
