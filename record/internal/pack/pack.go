// Package pack makes small JSON smaller before it is sealed: zstd with a
// dictionary of what FHIR resources have in common, because one resource alone
// is too short to learn from. It refuses to grow anything beyond its stated size.
package pack

import (
	_ "embed" // the dictionary
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// dictionary is raw content: element names, code systems and shapes that occur
// in resources, made by cmd/rapport/dictionary from the specification and made-up people.
//
//go:embed dictionary.bin
var dictionary []byte

// Max bounds what Unpack will make, in bytes: nothing larger may be packed for keeping.
const Max = 64 << 20

var enc = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderDict(dictionary), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true), zstd.WithWindowSize(1<<17), zstd.WithEncoderConcurrency(2))
	if err != nil { // only for options that do not fit together
		panic(err)
	}
	return e
})

var dec = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderDicts(dictionary), zstd.WithDecoderMaxMemory(Max), zstd.WithDecoderConcurrency(2))
	if err != nil {
		panic(err)
	}
	return d
})

// Pack appends the packed form of b to dst.
func Pack(dst, b []byte) []byte { return enc().EncodeAll(b, dst) }

// Unpack appends what was packed to dst.
func Unpack(dst, packed []byte) ([]byte, error) {
	out, err := dec().DecodeAll(packed, dst)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out, nil
}
