"""The `ledger-node` command: what a person at a terminal, or a script, does with a node.

    main          the table of commands; the one place where errors become text and exit codes
    outcome       exit codes and the error that carries one
    screen        tables, wrapped rows and JSON on standard output
    files         files given on the command line: read bounded, written whole
    connection    which node to talk to, and with which token
    submitting    signing records and showing what became of them
    json_logs     a running node's log lines
    keys, genesis, init, run, status, submit, import_declaration, show, proof, rules, verify,
    audit         one command each; audit_export is the step of audit that reads logs

A command's module is imported only when that command is given, so `verify` runs where none of the
node's own dependencies (network, database) are installed or trusted.
"""
