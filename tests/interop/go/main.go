// Command interop judges the ledger's checkpoints, Merkle proofs and state proofs with the libraries
// that others use for these formats. It holds no verification of its own: each case is handed to
// transparency-dev/formats, transparency-dev/merkle, filippo.io/torchwood or cosmos/ics23 as it is.
//
// It reads a JSON array of cases from standard input and writes a JSON array of answers, one a case:
// "" when the library accepts, its error otherwise.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"filippo.io/torchwood"
	ics23 "github.com/cosmos/ics23/go"
	f_log "github.com/transparency-dev/formats/log"
	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type testCase struct {
	Kind string `json:"kind"`

	Note      []byte   `json:"note"`
	Origin    string   `json:"origin"`
	LogKey    string   `json:"log_key"`
	Witnesses []string `json:"witnesses"`
	Quorum    int      `json:"quorum"`

	Index uint64   `json:"index"`
	Size  uint64   `json:"size"`
	Old   uint64   `json:"old"`
	Entry []byte   `json:"entry"`
	Path  [][]byte `json:"path"`
	Root  []byte   `json:"root"`
	Older []byte   `json:"older"`

	Policy    []byte `json:"policy"`
	Proof     []byte `json:"proof"`
	Directory string `json:"directory"`
	URL       string `json:"url"`

	Key   []byte `json:"key"`
	Value []byte `json:"value"`
	State []byte `json:"state"`
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	answers := make([]string, len(cases))
	for i, each := range cases {
		if err := judge(each); err != nil {
			answers[i] = err.Error()
			if answers[i] == "" {
				answers[i] = "refused"
			}
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		os.Exit(2)
	}
}

func judge(c testCase) error {
	switch c.Kind {
	case "checkpoint":
		return checkpoint(c)
	case "inclusion":
		leaf := rfc6962.DefaultHasher.HashLeaf(c.Entry)
		return proof.VerifyInclusion(rfc6962.DefaultHasher, c.Index, c.Size, leaf, c.Path, c.Root)
	case "consistency":
		return proof.VerifyConsistency(rfc6962.DefaultHasher, c.Old, c.Size, c.Path, c.Older, c.Root)
	case "proof":
		return tlogProof(c)
	case "tiles":
		return tiles(c)
	case "state":
		return state(c)
	}
	return fmt.Errorf("unknown kind %q", c.Kind)
}

// checkpoint asks for the log's signature and at least Quorum cosignatures.
func checkpoint(c testCase) error {
	log, err := note.NewVerifier(c.LogKey)
	if err != nil {
		return err
	}
	var witnesses []note.Verifier
	for _, key := range c.Witnesses {
		witness, err := f_note.NewVerifierForCosignatureV1(key)
		if err != nil {
			return err
		}
		witnesses = append(witnesses, witness)
	}
	head, rest, signed, err := f_log.ParseCheckpoint(c.Note, c.Origin, log, witnesses...)
	if err != nil {
		return err
	}
	if len(rest) != 0 {
		return errors.New("extension lines")
	}
	if head.Size != c.Size || string(head.Hash) != string(c.Root) {
		return fmt.Errorf("another head: %d entries", head.Size)
	}
	if found := len(signed.Sigs) - 1; found < c.Quorum {
		return fmt.Errorf("%d cosignatures", found)
	}
	return nil
}

// tlogProof judges a proof file, whose extra line is the entry, under a policy file.
func tlogProof(c testCase) error {
	policy, err := torchwood.ParsePolicy(c.Policy)
	if err != nil {
		return err
	}
	entry, err := torchwood.ProofExtraData(c.Proof)
	if err != nil {
		return err
	}
	return torchwood.VerifyProof(policy, tlog.RecordHash(entry), c.Proof)
}

type logFiles interface {
	torchwood.TileReader
	ReadEndpoint(ctx context.Context, path string) ([]byte, error)
}

// tiles reads a whole published log, from a directory or over HTTP: each entry is authenticated
// against the checkpoint, and one of them proven by itself.
func tiles(c testCase) error {
	ctx := context.Background()
	var files logFiles
	var err error
	if c.URL != "" {
		files, err = torchwood.NewTileFetcher(c.URL)
	} else {
		files, err = torchwood.NewTileFS(os.DirFS(c.Directory))
	}
	if err != nil {
		return err
	}
	policy, err := torchwood.ParsePolicy(c.Policy)
	if err != nil {
		return err
	}
	signed, err := files.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return err
	}
	head, _, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil {
		return err
	}
	client, err := torchwood.NewClient(files)
	if err != nil {
		return err
	}
	var read int64
	for index := range client.AllEntries(ctx, head.Tree, 0) {
		if index != read {
			return fmt.Errorf("entry %d where %d belongs", index, read)
		}
		read++
	}
	if err := client.Err(); err != nil {
		return err
	}
	if read != head.N || uint64(read) != c.Size {
		return fmt.Errorf("%d entries of %d", read, head.N)
	}
	entry, path, err := client.Entry(ctx, head.Tree, int64(c.Index))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, head.N, head.Hash, int64(c.Index), tlog.RecordHash(entry))
}

// state judges absence when there is no value.
func state(c testCase) error {
	var commitment ics23.CommitmentProof
	if err := commitment.Unmarshal(c.State); err != nil {
		return err
	}
	held := false
	if c.Value == nil {
		held = ics23.VerifyNonMembership(ics23.SmtSpec, c.Root, &commitment, c.Key)
	} else {
		held = ics23.VerifyMembership(ics23.SmtSpec, c.Root, &commitment, c.Key, c.Value)
	}
	if !held {
		return errors.New("the state proof does not hold")
	}
	return nil
}
