package looks

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// The words by which a question about a look is known in a chart. Messages, when
// they come, find them there.
const (
	categorySystem = "urn:rapport:communication"
	categoryCode   = "ledger-question"
	lookSystem     = "urn:rapport:look"
)

// question is what a client asked about one look.
type question struct {
	ID, Text string
	Seq      int64
	Sent     time.Time
	State    state
}

// state is how far a question has come.
type state uint8

const (
	_ state = iota
	waiting
	answered
	stopped
)

type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type concept struct {
	Coding []coding `json:"coding"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

type reference struct {
	Reference string `json:"reference"`
}

type payload struct {
	ContentString string `json:"contentString"`
}

type communication struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Identifier   []identifier `json:"identifier"`
	Status       string       `json:"status"`
	Category     []concept    `json:"category"`
	Subject      reference    `json:"subject"`
	Sent         string       `json:"sent"`
	Sender       reference    `json:"sender"`
	Payload      []payload    `json:"payload"`
}

// resource writes a question as it is kept in the chart of the person with that
// logical id.
func (q question) resource(person string) (fhir.Resource, error) {
	who := reference{"Patient/" + person}
	b, err := json.Marshal(communication{
		ResourceType: "Communication", ID: q.ID, Identifier: []identifier{{lookSystem, strconv.FormatInt(q.Seq, 10)}},
		Status: "in-progress", Category: []concept{{[]coding{{categorySystem, categoryCode}}}},
		Subject: who, Sent: q.Sent.UTC().Format(time.RFC3339), Sender: who, Payload: []payload{{q.Text}},
	})
	return fhir.Resource{Type: "Communication", ID: q.ID, JSON: b}, err
}

// readQuestion is the inverse of resource; it also reads what has become of it.
func readQuestion(b []byte) (question, error) {
	v, err := fhir.ReadCommunication(b)
	if err != nil {
		return question{}, err
	}
	var raw struct {
		Identifier []identifier `json:"identifier"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return question{}, err
	}
	q := question{ID: v.ID, Text: strings.Join(v.Texts, "\n"), Sent: v.Sent.At, State: waiting, Seq: -1}
	for _, i := range raw.Identifier {
		if n, err := strconv.ParseInt(i.Value, 10, 64); err == nil && i.System == lookSystem {
			q.Seq = n
		}
	}
	switch v.Status {
	case "completed":
		q.State = answered
	case "stopped", "not-done", "entered-in-error":
		q.State = stopped
	}
	return q, nil
}

// questions returns what the client asked, newest first.
func questions(ctx context.Context, c *record.Chart) ([]question, error) {
	found, err := c.Find(ctx, "Communication", "category", categorySystem+"|"+categoryCode, "_sort", "-sent", "_count", "100")
	if err != nil {
		return nil, err
	}
	var out []question
	for _, f := range found {
		x, err := readQuestion(f.JSON)
		if err != nil {
			return nil, err
		}
		if x.Seq >= 0 {
			out = append(out, x)
		}
	}
	return out, nil
}

// idOf is the logical id of the question about one look of one client: pressed
// twice, or in two tabs at once, it is still one question.
func idOf(client fhir.ClientID, seq int64) string {
	h := sha256.Sum256([]byte("rapport/question " + string(client) + " " + strconv.FormatInt(seq, 10)))
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(h[:16])
}

// entry is a ledger line as it was hashed: the same bytes the browser checks.
type entry struct {
	Time  string `json:"time"`
	PSeq  int64  `json:"pseq"`
	Actor struct {
		Kind  string `json:"kind"`
		ID    string `json:"id"`
		Name  string `json:"name"`
		Title string `json:"title"`
	} `json:"actor"`
	Act     string      `json:"act"`
	Refused bool        `json:"refused"`
	Purpose string      `json:"purpose"`
	Basis   string      `json:"basis"`
	How     string      `json:"how"`
	At      string      `json:"at"`
	Whom    string      `json:"whom"`
	Gave    record.Gave `json:"gave"`
	What    []struct {
		Part string `json:"part"`
		N    int    `json:"n"`
	} `json:"what"`
}

// readEntry reads the look that a proof is about out of the proof itself, so
// that the sentence above a check is made from exactly what is checked.
func readEntry(pr record.Proof) (record.Look, entry, error) {
	var e entry
	if err := json.Unmarshal(pr.Entry, &e); err != nil {
		return record.Look{}, e, fmt.Errorf("looks: entry %d does not parse: %w", pr.Index, err)
	}
	at, err := time.Parse(time.RFC3339Nano, e.Time)
	if err != nil {
		return record.Look{}, e, errs.E(errs.Internal, "looks: entry %d has no time", pr.Index)
	}
	l := record.Look{Seq: pr.Index, Number: e.PSeq, Time: at, Kind: e.Actor.Kind, ID: e.Actor.ID, Name: e.Actor.Name, Title: e.Actor.Title,
		Act: e.Act, Refused: e.Refused, Purpose: e.Purpose, Basis: e.Basis, How: e.How, At: e.At, Whom: e.Whom, Gave: e.Gave}
	for _, w := range e.What {
		l.Parts |= record.ParseParts(w.Part)
		l.Written += w.N
	}
	return l, e, nil
}

// what writes the parts of an entry as the browser writes them to compare:
// "results:0 visits:2".
func (e entry) what() string {
	var out []string
	for _, w := range e.What {
		out = append(out, w.Part+":"+strconv.Itoa(w.N))
	}
	return strings.Join(out, " ")
}

// commitment is what the book holds instead of an entry:
// SHA-256("rapport/ledger/v1\n" ‖ salt ‖ SHA-256(entry)).
func commitment(salt, entry []byte) [32]byte {
	inner := sha256.Sum256(entry)
	b := append([]byte("rapport/ledger/v1\n"), salt...)
	return sha256.Sum256(append(b, inner[:]...))
}
