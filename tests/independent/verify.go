// Command verify checks transparency log proofs against a trust policy, offline.
//
// It shares no code with the ledger. It is written from the C2SP specifications (tlog-proof,
// tlog-policy, tlog-checkpoint, tlog-cosignature, signed-note) and RFC 6962, with nothing but Go's
// standard library, so that the proof files the ledger writes are judged by the formats' rules
// and not by the ledger's own reading of them.
//
//	go run verify.go POLICY FILE...
//
// One line is printed for each file. The exit status is 0 when all are proven, 1 when some are
// not, 2 when the policy or the command line is unusable. The entry is taken from the `extra`
// line, which is where the ledger puts the exact bytes that were logged.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	typeEd25519     = 0x01
	typeCosignature = 0x04
	maxSignatures   = 1024
)

var b64 = base64.StdEncoding.Strict()

func decode64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("line break in base64")
	}
	return b64.DecodeString(text)
}

// A key is a parsed vkey of signed-note.
type key struct {
	name   string
	id     [4]byte
	kind   byte
	public []byte
}

func validName(name string) bool {
	return name != "" && utf8.ValidString(name) &&
		strings.IndexFunc(name, unicode.IsSpace) < 0 && !strings.Contains(name, "+")
}

func parseKey(text string) (*key, error) {
	fields := strings.SplitN(text, "+", 3)
	if len(fields) != 3 || !validName(fields[0]) {
		return nil, fmt.Errorf("malformed vkey %q", text)
	}
	id, err := hex.DecodeString(fields[1])
	if err != nil || len(id) != 4 {
		return nil, fmt.Errorf("malformed key id in vkey %q", text)
	}
	material, err := decode64(fields[2])
	if err != nil || len(material) != 1+ed25519.PublicKeySize {
		return nil, fmt.Errorf("malformed or unsupported public key in vkey %q", text)
	}
	k := &key{name: fields[0], kind: material[0], public: material[1:]}
	sum := sha256.Sum256([]byte(k.name + "\n" + string(material)))
	copy(k.id[:], sum[:4])
	if !bytes.Equal(id, k.id[:]) {
		return nil, fmt.Errorf("key id of vkey %q is not that of its key", text)
	}
	return k, nil
}

// A policy is what tlog-policy describes. A name stands for a witness or a group.
type policy struct {
	logs      []*key
	witnesses map[string]*key
	groups    []group
	quorum    string
}

type group struct {
	name      string
	threshold int
	members   []string
}

func parsePolicy(data []byte) (*policy, error) {
	for _, octet := range data {
		if octet != '\t' && octet != '\n' && (octet < 0x20 || octet == 0x7f) {
			return nil, fmt.Errorf("octet 0x%02x is not allowed", octet)
		}
	}
	if len(data) == 0 || data[len(data)-1] != '\n' {
		return nil, errors.New("last line is not terminated by a newline")
	}
	p := &policy{witnesses: map[string]*key{}}
	defined, member := map[string]bool{}, map[string]bool{}
	define := func(name string) error {
		if name == "none" || defined[name] {
			return fmt.Errorf("name %q is already defined", name)
		}
		defined[name] = true
		return nil
	}
	for number, line := range strings.Split(string(data), "\n") {
		items := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(items) == 0 || strings.HasPrefix(items[0], "#") {
			continue
		}
		var err error
		switch {
		case items[0] == "log" && (len(items) == 2 || len(items) == 3):
			err = p.addLog(items[1])
		case items[0] == "witness" && (len(items) == 3 || len(items) == 4):
			if err = define(items[1]); err == nil {
				err = p.addWitness(items[1], items[2])
			}
		case items[0] == "group" && len(items) >= 4:
			for _, name := range items[3:] {
				if !defined[name] || member[name] {
					err = fmt.Errorf("%q cannot be a member", name)
				}
				member[name] = true
			}
			if err == nil {
				err = define(items[1])
			}
			if err == nil {
				err = p.addGroup(items[1], items[2], items[3:])
			}
		case items[0] == "quorum" && len(items) == 2:
			if p.quorum != "" || (items[1] != "none" && !defined[items[1]]) {
				err = fmt.Errorf("%q cannot be the quorum", items[1])
			}
			p.quorum = items[1]
		default:
			err = errors.New("malformed line")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number+1, err)
		}
	}
	if p.quorum == "" {
		return nil, errors.New("no quorum line")
	}
	return p, nil
}

func (p *policy) addLog(vkey string) error {
	k, err := parseKey(vkey)
	if err != nil {
		return err
	}
	if k.kind != typeEd25519 {
		return fmt.Errorf("signature type 0x%02x is not supported for a log", k.kind)
	}
	for _, other := range p.logs {
		if bytes.Equal(other.public, k.public) {
			return errors.New("duplicate log")
		}
	}
	p.logs = append(p.logs, k)
	return nil
}

func (p *policy) addWitness(name, vkey string) error {
	k, err := parseKey(vkey)
	if err != nil {
		return err
	}
	if k.kind != typeCosignature {
		return fmt.Errorf("signature type 0x%02x is not supported for a witness", k.kind)
	}
	for _, other := range p.witnesses {
		if bytes.Equal(other.public, k.public) {
			return errors.New("duplicate witness")
		}
	}
	p.witnesses[name] = k
	return nil
}

func (p *policy) addGroup(name, threshold string, members []string) error {
	k := 0
	switch threshold {
	case "any":
		k = 1
	case "all":
		k = len(members)
	default:
		number, err := strconv.ParseUint(threshold, 10, 16)
		if err != nil {
			return fmt.Errorf("malformed threshold %q", threshold)
		}
		k = int(number)
	}
	if k < 1 || k > len(members) {
		return fmt.Errorf("threshold %d of %d", k, len(members))
	}
	p.groups = append(p.groups, group{name, k, members})
	return nil
}

func (p *policy) satisfied(witnessed map[string]bool) bool {
	holds := map[string]bool{"none": true}
	for name := range witnessed {
		holds[name] = true
	}
	for _, g := range p.groups {
		count := 0
		for _, name := range g.members {
			if holds[name] {
				count++
			}
		}
		if count >= g.threshold {
			holds[g.name] = true
		}
	}
	return holds[p.quorum]
}

// A checkpoint is a note of signed-note whose text is that of tlog-checkpoint.
type checkpoint struct {
	text       string
	origin     string
	size       uint64
	root       []byte
	signatures []signature
}

type signature struct {
	name string
	id   [4]byte
	raw  []byte
}

func parseCheckpoint(note string) (*checkpoint, error) {
	if !utf8.ValidString(note) {
		return nil, errors.New("note is not UTF-8")
	}
	for _, r := range note {
		if r < 0x20 && r != '\n' {
			return nil, errors.New("control character in note")
		}
	}
	blank := strings.LastIndex(note, "\n\n")
	if blank < 0 || !strings.HasSuffix(note[blank+2:], "\n") {
		return nil, errors.New("note has no signatures")
	}
	c := &checkpoint{text: note[:blank+1]}
	for _, line := range strings.Split(strings.TrimSuffix(note[blank+2:], "\n"), "\n") {
		s, err := parseSignature(line)
		if err != nil {
			return nil, err
		}
		if c.signatures = append(c.signatures, s); len(c.signatures) > maxSignatures {
			return nil, errors.New("too many signatures")
		}
	}
	lines := strings.Split(strings.TrimSuffix(c.text, "\n"), "\n")
	if len(lines) < 3 {
		return nil, errors.New("checkpoint has fewer than three lines")
	}
	for _, line := range lines {
		if line == "" {
			return nil, errors.New("empty line in checkpoint")
		}
	}
	var err error
	c.origin = lines[0]
	if c.size, err = parseDecimal(lines[1]); err != nil {
		return nil, fmt.Errorf("tree size: %w", err)
	}
	if c.root, err = decode64(lines[2]); err != nil || len(c.root) != sha256.Size {
		return nil, errors.New("malformed root hash")
	}
	return c, nil
}

func parseSignature(line string) (signature, error) {
	var s signature
	fields := strings.Split(line, " ")
	if len(fields) != 3 || fields[0] != "\u2014" || !validName(fields[1]) {
		return s, errors.New("malformed signature line")
	}
	raw, err := decode64(fields[2])
	if err != nil || len(raw) < 5 {
		return s, errors.New("malformed signature")
	}
	s.name, s.raw = fields[1], raw[4:]
	copy(s.id[:], raw)
	return s, nil
}

func parseDecimal(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("%q is not a decimal without leading zeroes", text)
	}
	return n, nil
}

func (s signature) by(k *key) bool { return s.name == k.name && s.id == k.id }

// verify checks the checkpoint's signatures and returns the names of the policy's witnesses.
// Signatures by unknown keys are ignored; a bad one by a known key is fatal.
func (p *policy) verify(c *checkpoint) (map[string]bool, error) {
	byLog, witnessed := false, map[string]bool{}
	for _, s := range c.signatures {
		for _, k := range p.logs {
			if s.by(k) && k.name == c.origin {
				if !ed25519.Verify(k.public, []byte(c.text), s.raw) {
					return nil, errors.New("log signature does not verify")
				}
				byLog = true
			}
		}
		for name, k := range p.witnesses {
			if s.by(k) {
				if err := verifyCosignature(k, c, s.raw); err != nil {
					return nil, fmt.Errorf("witness %s: %w", name, err)
				}
				witnessed[name] = true
			}
		}
	}
	if !byLog {
		return nil, errors.New("no signature by a log of the policy")
	}
	if !p.satisfied(witnessed) {
		return nil, fmt.Errorf("%d cosignatures do not make the quorum", len(witnessed))
	}
	return witnessed, nil
}

func verifyCosignature(k *key, c *checkpoint, raw []byte) error {
	if len(raw) != 8+ed25519.SignatureSize {
		return errors.New("cosignature has the wrong length")
	}
	timestamp := binary.BigEndian.Uint64(raw)
	if timestamp > math.MaxInt64 {
		return errors.New("timestamp exceeds 2^63 - 1")
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", timestamp, c.text)
	if !ed25519.Verify(k.public, []byte(message), raw[8:]) {
		return errors.New("cosignature does not verify")
	}
	return nil
}

// A proof is what tlog-proof describes.
type proof struct {
	extra []byte
	index uint64
	path  [][]byte
	note  string
}

func parseProof(data string) (*proof, error) {
	head, note, found := strings.Cut(data, "\n\n")
	if !found {
		return nil, errors.New("no checkpoint")
	}
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("not a tlog-proof@v1")
	}
	p, lines := &proof{note: note}, lines[1:]
	var err error
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if p.extra, err = decode64(strings.TrimPrefix(lines[0], "extra ")); err != nil {
			return nil, fmt.Errorf("extra data: %w", err)
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return nil, errors.New("no index line")
	}
	if p.index, err = parseDecimal(strings.TrimPrefix(lines[0], "index ")); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	for _, line := range lines[1:] {
		hash, err := decode64(line)
		if err != nil || len(hash) != sha256.Size {
			return nil, errors.New("malformed hash in the inclusion proof")
		}
		p.path = append(p.path, hash)
	}
	return p, nil
}

func leafHash(entry []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, entry...))
	return sum[:]
}

func nodeHash(left, right []byte) []byte {
	sum := sha256.Sum256(append(append([]byte{1}, left...), right...))
	return sum[:]
}

// rootFromPath recomputes MTH(D[size]) from a leaf and PATH(index, D[size]) of RFC 6962, section
// 2.1.1, by the same recursion the RFC defines it with.
func rootFromPath(index, size uint64, leaf []byte, path [][]byte) ([]byte, error) {
	if size <= 1 {
		if len(path) != 0 {
			return nil, errors.New("inclusion proof is too long")
		}
		return leaf, nil
	}
	if len(path) == 0 {
		return nil, errors.New("inclusion proof is too short")
	}
	k := uint64(1)
	for k<<1 < size && k<<1 != 0 {
		k <<= 1
	}
	rest, sibling := path[:len(path)-1], path[len(path)-1]
	if index < k {
		left, err := rootFromPath(index, k, leaf, rest)
		if err != nil {
			return nil, err
		}
		return nodeHash(left, sibling), nil
	}
	right, err := rootFromPath(index-k, size-k, leaf, rest)
	if err != nil {
		return nil, err
	}
	return nodeHash(sibling, right), nil
}

func check(p *policy, data []byte) (string, error) {
	proof, err := parseProof(string(data))
	if err != nil {
		return "", err
	}
	c, err := parseCheckpoint(proof.note)
	if err != nil {
		return "", err
	}
	witnessed, err := p.verify(c)
	if err != nil {
		return "", err
	}
	if len(proof.extra) == 0 {
		return "", errors.New("no extra line with the entry")
	}
	if proof.index >= c.size {
		return "", errors.New("index is outside the tree")
	}
	root, err := rootFromPath(proof.index, c.size, leafHash(proof.extra), proof.path)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(root, c.root) {
		return "", errors.New("entry is not in the checkpoint's tree at this index")
	}
	return fmt.Sprintf("entry %d of %d in %s, %d bytes, %d cosignatures",
		proof.index, c.size, c.origin, len(proof.extra), len(witnessed)), nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: verify POLICY FILE...")
		os.Exit(2)
	}
	data, err := os.ReadFile(os.Args[1])
	var p *policy
	if err == nil {
		p, err = parsePolicy(data)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "policy %s: %v\n", os.Args[1], err)
		os.Exit(2)
	}
	status := 0
	for _, name := range os.Args[2:] {
		data, err := os.ReadFile(name)
		result := ""
		if err == nil {
			result, err = check(p, data)
		}
		if err != nil {
			fmt.Printf("FAIL %s: %v\n", name, err)
			status = 1
			continue
		}
		fmt.Printf("ok   %s: %s\n", name, result)
	}
	os.Exit(status)
}
