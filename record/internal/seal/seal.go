// Package seal closes and opens what lies on the disk: AES-256-GCM with random
// nonces, a binding to the exact place a thing belongs, and sizes padded to
// buckets so that a length tells little. It refuses to open anything that was
// moved, cut, rolled back or bound elsewhere.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Key is a secret of 32 bytes. It prints as nothing.
type Key [32]byte

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key.
func (Key) GoString() string { return "[key]" }

// NewKey draws a key from rand.
func NewKey(rand io.Reader) (Key, error) {
	var k Key
	if _, err := io.ReadFull(rand, k[:]); err != nil {
		return Key{}, fmt.Errorf("seal: draw key: %w", err)
	}
	return k, nil
}

// Derive returns the key for one use of k, by HKDF-SHA-256 with label as info.
func (k Key) Derive(label string) Key {
	b, err := hkdf.Key(sha256.New, k[:], nil, "rapport/v1 "+label, len(k))
	if err != nil { // only for lengths HKDF cannot give
		panic(err)
	}
	return Key(b)
}

// Box seals and opens with one key. The zero Box refuses both.
type Box struct{ aead cipher.AEAD }

// NewBox returns the Box of a key. The nonce is drawn by the standard library
// for each seal; with one key per client and use, the 2³² messages GCM allows
// are out of reach.
func NewBox(k Key) Box {
	b, err := aes.NewCipher(k[:])
	if err != nil { // a 32-byte key is always accepted
		panic(err)
	}
	a, err := cipher.NewGCMWithRandomNonce(b)
	if err != nil {
		panic(err)
	}
	return Box{a}
}

// version is the first byte of everything sealed.
const version = 1

// Overhead is how many bytes longer the sealed is than the plain: the version, a
// nonce and a tag.
const Overhead = 1 + 12 + 16

var errOpen = errors.New("seal: does not open: altered, moved or sealed under another key")

// Seal appends to dst the sealed form of plain, bound to place.
func (x Box) Seal(dst, plain, place []byte) []byte {
	if x.aead == nil {
		panic("seal: zero Box")
	}
	dst = append(dst, version)
	return x.aead.Seal(dst, nil, plain, place)
}

// Open appends to dst what was sealed and bound to place, or returns an error
// that says nothing of the content.
func (x Box) Open(dst, sealed, place []byte) ([]byte, error) {
	if x.aead == nil || len(sealed) == 0 || sealed[0] != version {
		return nil, errOpen
	}
	out, err := x.aead.Open(dst, nil, sealed[1:], place)
	if err != nil {
		return nil, errOpen
	}
	return out, nil
}

// Pad appends to dst the length of plain, plain, and zeros up to the next bucket:
// steps of 64 bytes up to 1 KB, then of an eighth of the size.
func Pad(dst, plain []byte) []byte {
	start := len(dst)
	dst = binary.AppendUvarint(dst, uint64(len(plain)))
	dst = append(dst, plain...)
	return append(dst, make([]byte, Bucket(len(dst)-start)-(len(dst)-start))...)
}

// Bucket returns the size that n bytes are padded to: see Pad.
func Bucket(n int) int {
	step := 64
	for n > 1024 && step < n/8 {
		step *= 2
	}
	return (n + step - 1) / step * step
}

// Unpad returns what Pad was given.
func Unpad(padded []byte) ([]byte, error) {
	n, k := binary.Uvarint(padded)
	if k <= 0 || n > uint64(len(padded)-k) {
		return nil, errors.New("seal: bad padding")
	}
	return padded[k : k+int(n)], nil
}
