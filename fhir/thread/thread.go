// Package thread is a conversation between a client and the practice as it lies in a
// chart: one Communication that is the thread, about one concern, and one for each thing
// that was said in it (FHIR R4, Communication: partOf). It is pure.
//
// It refuses to change what was said: a message is written once. It knows nothing of who
// waits for whom; that is kept beside the charts, without content.
package thread

import (
	"time"

	"rapport/fhir"
)

// Kind says what a Communication of ours is.
type Kind uint8

// The kinds. The zero Kind is none of ours.
const (
	_       Kind = iota
	Head         // the thread itself
	Message      // what a client, a helper or staff said to the other side
	Note         // what staff said to each other: not for clients
)

var kindCodes = []string{"", "thread", "message", "note"}

// String returns the code under which the kind is kept.
func (k Kind) String() string {
	if int(k) < len(kindCodes) {
		return kindCodes[k]
	}
	return ""
}

// System is the code system of what a Communication of ours is, and Topics that of what
// a thread is about.
const (
	System = "urn:rapport:message"
	Topics = "urn:rapport:topic"
)

// The further categories of a Communication of ours.
const (
	Desk   = "desk"   // administrative: the front desk reads it too
	Sealed = "sealed" // only for the people it names, and whose chart it is
)

// Party is who said something, or who may read it.
type Party struct {
	Ref  string // "Patient/…", "Practitioner/…" or "" for a helper without a chart
	Name string // as it was when they said it
	For  string // whom a helper wrote for; "" for anybody else
}

// Staff reports that it is somebody of the practice, and returns their id.
func (p Party) Staff() (id string, ok bool) {
	typ, id := fhir.SplitReference(p.Ref)
	return id, typ == "Practitioner"
}

// Thread is one concern.
type Thread struct {
	ID     string
	Topic  string // the practice's topic, by id
	Title  string // in the client's words, or the topic's
	Closed bool
	Desk   bool
	Named  []Party // who may read a sealed thread; none for one that is not
	Begun  time.Time
	Words  []byte // of a sealed thread: its Title, under a key that is kept elsewhere; then there is none here
}

// Said is one thing that was said.
type Said struct {
	ID     string
	Thread string // the id of its head
	Kind   Kind   // Message or Note
	From   Party
	At     time.Time
	Text   string
	Pieces []Piece
	Cards  []Card
	Desk   bool
	Named  []Party
	Words  []byte // in a sealed thread: all that was said, under a key that is kept elsewhere; then there is none of it here
}

// Piece is a photo, a voice or video message, or a file.
type Piece struct {
	Type    string // MIME, as it is served
	Blob    string // the name of its bytes
	Name    string // the file's, of a file
	Size    int64  // bytes
	Cover   []byte // a small blurred JPEG; nil for what has none
	Caption string // what is said in it, in words
	Seconds int    // how long it lasts, 0 if that is not known
}

// Card is a thing that something can be done with: a form, a plan, a visit.
type Card struct {
	Type string // Questionnaire, CarePlan, Appointment, or Slot for a time that is kept
	ID   string // a form's url, the id of a plan or a visit, or when the time begins
	Name string // what it is called, in the client's language
}
