// Package proof reads what a practice's book of looks proves, for somebody who trusts
// nothing but arithmetic and a key: a signed checkpoint, one line's way to it, that a later
// book still holds an earlier one, a client's own copy of their lines, and a receipt on
// paper. It is pure. It refuses what it cannot read to the byte, and to say that all is
// well where something could not be checked.
//
// docs/proof.md says the formats; testdata holds worked examples, so that another program
// can be written from the page alone.
package proof

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rapport/errs"
)

// Commitment returns what the book holds instead of an entry:
// SHA-256("rapport/ledger/v1\n" ‖ salt ‖ SHA-256(entry)).
func Commitment(salt, entry []byte) [32]byte {
	inner := sha256.Sum256(entry)
	h := sha256.New()
	h.Write([]byte("rapport/ledger/v1\n"))
	h.Write(salt)
	h.Write(inner[:])
	return [32]byte(h.Sum(nil))
}

// Leaf returns the leaf hash of an entry: RFC 6962's hash of its commitment.
func Leaf(salt, entry []byte) tlog.Hash {
	c := Commitment(salt, entry)
	return tlog.RecordHash(c[:])
}

// Checkpoint is a signed statement of how long the book is and what it holds: a C2SP
// tlog-checkpoint.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	Note   string // the signed note as published
}

// Text is what is signed: the origin, the size and the root, a line each.
func Text(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
}

// most is the largest number a browser can tell from the next.
const most = 1<<53 - 1

// Open checks the signature of a checkpoint and reads it. Lines after the third, and
// signatures of others (witnesses), are let stand: they say nothing here.
func Open(signed, key string) (Checkpoint, error) {
	v, err := note.NewVerifier(key)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: verifier key: %w", err)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, errs.E(errs.Internal, "ledger: the checkpoint's signature does not fit: %w", err)
	}
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) != 4 || lines[0] != v.Name() {
		return Checkpoint{}, errs.E(errs.Internal, "ledger: not a checkpoint of this ledger")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err = errors.Join(err, err2); err != nil || size < 0 || size > most || strconv.FormatInt(size, 10) != lines[1] || len(root) != tlog.HashSize {
		return Checkpoint{}, errs.E(errs.Internal, "ledger: the checkpoint is malformed")
	}
	return Checkpoint{lines[0], size, tlog.Hash(root), signed}, nil
}

// Print is the fingerprint of a key: the first 16 bytes of SHA-256 of its kind and bytes.
func Print(key string) ([16]byte, error) {
	v := strings.SplitN(key, "+", 3)
	if _, err := note.NewVerifier(key); err != nil {
		return [16]byte{}, fmt.Errorf("proof: key: %w", err)
	}
	b, err := base64.StdEncoding.DecodeString(v[2])
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16]), err
}
