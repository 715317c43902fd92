package post

import "time"

// Parcel is a letter in the outbox: what package record keeps, and package work
// sends.
type Parcel struct {
	ID     string
	Letter Letter
	Tries  int       // how often it was settled with Later
	Made   time.Time // when its cause was written
}

// Fate says what became of a parcel. The zero Fate is none.
type Fate uint8

// The fates of a parcel.
const (
	_       Fate = iota
	Sent         // the other side took it
	Later        // it is tried again
	Dropped      // it is given up
)

// Lease is how long the outbox keeps a parcel for whoever took it: longer than
// the longest conversation, so that nobody takes it over while its letter is on
// the way.
const Lease = Conversation + time.Minute
