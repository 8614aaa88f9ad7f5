//go:build tools

// Package cometbft pins the version of CometBFT that the benchmarks compare with.
package cometbft

import _ "github.com/cometbft/cometbft/cmd/cometbft"
