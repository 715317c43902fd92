package ledger

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"rapport/record/internal/store"
)

// Entry is one act, as it is kept and hashed: JSON with these fields in this
// order and no spaces. Sentences are made from it when it is read, so that a
// translation or a new wording changes no proof.
type Entry struct {
	V        int    `json:"v"`                // 1
	Instance string `json:"instance"`         // hex of the installation's random id
	Time     string `json:"time"`             // RFC 3339 with milliseconds, UTC; never before the entry before it
	Client   string `json:"client,omitempty"` // the ClientID; empty for an act about nobody
	PSeq     int64  `json:"pseq"`             // place in this client's chain, from 1
	Prev     string `json:"prev"`             // hex of the leaf hash of the entry before in the chain; empty for the first
	Actor    Actor  `json:"actor"`
	Act      string `json:"act"`               // what was done: open, write, admit, find, signin, …
	Refused  bool   `json:"refused,omitempty"` // it was asked for and not given
	Purpose  string `json:"purpose"`
	Basis    string `json:"basis,omitempty"`
	What     []What `json:"what,omitempty"`
	Request  string `json:"request,omitempty"` // the id that the logs carry too
	How      string `json:"how,omitempty"`     // for comings and goings: what was shown
	At       string `json:"at,omitempty"`      // the place of the practice where staff were at work
	Bond     string `json:"bond,omitempty"`    // what made staff one who treats the client then
	Said     string `json:"said,omitempty"`    // the reason, as it was written
	Whom     string `json:"whom,omitempty"`    // the name, as it was written then, of who is asked to help or helps no more
	Gave     *Gave  `json:"gave,omitempty"`    // what left, and to whom: the line is a disclosure
}

// Gave is what left. Hash is of its manifest, which names every file of it with a hash of
// its own; of what is one file, of that file; none of what is written only when it is
// fetched.
type Gave struct {
	To   string `json:"to"`             // the recipient, as it was said
	As   string `json:"as"`             // the format: a media type
	Hash string `json:"hash,omitempty"` // SHA-256, hex
	N    int    `json:"n,omitempty"`    // resources and files in it
}

// Actor is who did it, under the name they had then.
type Actor struct {
	Kind  string `json:"kind"`
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Title string `json:"title,omitempty"`
}

// What is a part of the chart that was opened, and how many of its resources
// were written, if any.
type What struct {
	Part string `json:"part"`
	N    int    `json:"n,omitempty"`
}

// saltSize is the length of the salt that makes a commitment say nothing.
const saltSize = 32

// place is what a sealed entry is bound to.
func place(instance [16]byte, pid store.PID, seq, pseq int64) []byte {
	b := append([]byte("rapport/entry "), instance[:]...)
	b = append(b, pid[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	return binary.BigEndian.AppendUint64(b, uint64(pseq))
}

// split parts an opened body into salt and entry.
func split(body []byte) (salt, entry []byte, err error) {
	if len(body) < saltSize {
		return nil, nil, fmt.Errorf("ledger: entry of %d bytes", len(body))
	}
	return body[:saltSize], body[saltSize:], nil
}

func hashAt(hashes []byte, i int) (tlog.Hash, error) {
	if i < 0 || len(hashes) < (i+1)*tlog.HashSize {
		return tlog.Hash{}, fmt.Errorf("ledger: a tree hash is missing")
	}
	return tlog.Hash(hashes[i*tlog.HashSize : (i+1)*tlog.HashSize]), nil
}
